"""What Loihi and Xylo share: neurons with a synaptic current that all take a step together, and spikes that arrive a step later."""
