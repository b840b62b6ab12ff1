"""The account of a rule: what it stores, what its events cost, and what an update needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Account:
    """What a rule stores, computes and needs to know.

    Attributes
    ----------
    rule : str
    n_neurons, n_synapses : int
        Of the network; every neuron is presynaptic and postsynaptic.
    per_synapse, per_pre, per_post, shared : tuple of str
        Where each variable of the synapse can be stored: a value that depends on one neuron's spikes and variables alone is the same
        at all its synapses (which have one delay and start equal).
    neuron_memory : tuple of str
        Variables of the neuron model that are there for the rule alone: it reads them, and no spike depends on them.
    time_stamps : tuple of str
        Places ("synapse", "pre", "post") that hold event-driven variables and so the time of the last event.
    bytes_float64, bytes_float32, bits_float32 : int
        Of the network, all of the above; integers have 32 bits, truth values 1 bit (1 byte), time stamps of events 64 bits.
    pre_event, post_event, time_step, period : mapping of str to int
        Operations of one synapse, as Brian2 executes them, by kind: at a pre- and a postsynaptic spike (with the event-driven
        decay), at every time step (clock-driven equations, summed variables), at each period of code that runs regularly.
    pre_event_at_synapse, post_event_at_synapse : int
        Operations that remain at every synapse when what can be stored per neuron is updated there, once a spike.
    updates_at : tuple of str
        When the efficacy changes: "pre", "post" (spikes), "drift" (between events, made up for at the next), "clock", "regular".
    reads_pre, reads_post : tuple of str
        Variables of the two neurons that the update reads.
    third_factors : tuple of str
        Signals set from outside of synapse and spiking neuron: what the rule declares, shared variables that are not constant, functions
        of time, or variables of the neuron that nothing in it determines and no spike depends on.
    traces : tuple of str
        Stored variables that remember past spikes for the update.
    clock_driven : tuple of str
        Variables of which every synapse needs its own update at every time step or period.
    clock_driven_per_neuron : tuple of str
        Variables that are clock-driven as written, but could be so once a neuron.
    efficacy : tuple of str
        Stored variables that hold the efficacy.
    pathways : tuple of str
        The pathways that run at spikes, by name.
    delays : mapping of str to float
        Seconds that a pathway comes after its spike, of those that do; spikes on their way are stored besides.
    summed : tuple of str
        Variables of the neuron to which every synapse adds at every time step.
    draws : tuple of str
        Where random numbers are drawn, named as in ``updates_at``.
    """

    rule: str
    n_neurons: int
    n_synapses: int
    per_synapse: tuple[str, ...]
    per_pre: tuple[str, ...]
    per_post: tuple[str, ...]
    shared: tuple[str, ...]
    neuron_memory: tuple[str, ...]
    time_stamps: tuple[str, ...]
    bytes_float64: int
    bytes_float32: int
    bits_float32: int
    pre_event: Mapping[str, int]
    post_event: Mapping[str, int]
    time_step: Mapping[str, int]
    period: Mapping[str, int]
    pre_event_at_synapse: int
    post_event_at_synapse: int
    updates_at: tuple[str, ...]
    reads_pre: tuple[str, ...]
    reads_post: tuple[str, ...]
    third_factors: tuple[str, ...]
    traces: tuple[str, ...]
    clock_driven: tuple[str, ...]
    clock_driven_per_neuron: tuple[str, ...]
    efficacy: tuple[str, ...] = field(default=())
    pathways: tuple[str, ...] = field(default=())
    delays: Mapping[str, float] = field(default_factory=dict)
    summed: tuple[str, ...] = field(default=())
    draws: tuple[str, ...] = field(default=())

    @property
    def local_in_space(self) -> bool:
        """Whether the update reads only its own synapse, its two neurons and parameters."""
        return not self.third_factors

    @property
    def local_in_time(self) -> bool:
        """Whether the synapse keeps no memory of past spikes for the update."""
        return not self.traces

    @property
    def needs(self) -> str:
        """What the update needs to know, in words."""
        if self.traces:
            return f"a memory of past spikes: {', '.join(self.traces)}"
        spikes = [side for side in ("pre", "post") if side in self.updates_at]
        if spikes:
            return f"what is present at the {' and the '.join(spikes)}synaptic spike"
        return "what is present at every time step" if self.updates_at else "nothing: the efficacy does not change"

    @property
    def memory_growth(self) -> str:
        """How the memory beyond the efficacy itself grows with the number of neurons N."""
        if set(self.per_synapse) - set(self.efficacy) or "synapse" in self.time_stamps:
            return "O(N^2)"
        return "O(N)" if self.per_pre or self.per_post or self.neuron_memory else "O(1)"

    @property
    def clock_work_growth(self) -> str:
        """How the work at every time step or period grows with the number of neurons N."""
        return "O(N^2)" if self.clock_driven else "O(N)" if self.clock_driven_per_neuron else "none"
