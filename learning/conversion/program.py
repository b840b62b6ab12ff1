"""A converted network as Brian2 objects for whole batches: one run computes what the input does, the next the steps of the neurons.

The units of a layer become neurons of the same place in the batch, so that synapses are products of matrices, as in training. The
neurons are those of ``models/discrete.py``, the same that the spiking network of :mod:`~brian2chip.learning.conversion.network` has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from brian2 import Network, NeuronGroup

from brian2chip.core.neuron_kinds import step_constants
from brian2chip.engine.functions.links import refer
from brian2chip.engine.functions.matrix_products import MatrixProducts
from brian2chip.engine.session import Session
from brian2chip.learning.conversion import hard_lif
from brian2chip.learning.layered.spec import Layer, LayeredSpec
from brian2chip.models.discrete import neuron_of

NEURONS = """
bias : 1 (constant)
age : 1 (shared)
"""
COUNTED = "n_spikes : 1\n"
READ = """
summed : 1
n_from : 1 (shared, constant)
n_to : 1 (shared, constant)
"""
#: Groups of the first run.
FOR_DRIVE = ("input", "w0", "drive")
#: What the readout is between two times: after so many and up to so many steps.
READING = "summed += v*int(age > n_from)*int(age <= n_to)"


class Spiking:
    """A converted network built once inside a session; :meth:`run` shows it batches.

    Parameters
    ----------
    session : Session
    spec : LayeredSpec
        Of the trained network; its ``batch`` is that of a run.
    state : mapping of str to array
        Weights and biases, ``"w0"``, ``"b0"`` ...
    dt : float
        Seconds of a step, that of the session.
    """

    def __init__(self, session: Session, spec: LayeredSpec, state: Mapping[str, np.ndarray], dt: float):
        self.session, self.spec, self.state, self.dt = session, spec, state, dt
        self._products, self._groups = MatrixProducts(session.device, spec.dtype), {}
        self._input(spec.layers[0])
        for k, layer in enumerate(spec.layers):
            self._layer(k, layer)
        for given in (True, False):
            groups = [group for name, group in self._groups.items() if (name in FOR_DRIVE) == given]
            session.queue(Network(*groups), dt, self._products.namespace())

    def run(self, x: np.ndarray, first: int, last: int) -> tuple[np.ndarray, list[np.ndarray]]:
        """Show a batch of inputs [batch, n_in]; return the readout and the spikes.

        Returns
        -------
        readout : float array [batch, n_out]
            Mean over the steps after ``first`` up to ``last``.
        spikes : list of float array [batch, neurons]
            How often each neuron of each hidden layer fired until ``last``.
        """
        self.session.execute({"x": np.ravel(x), "n_from": first, "n_to": last}, [self.dt, last * self.dt])
        top = len(self.spec.layers) - 1
        spikes = [np.array(self._groups[f"layer{k}"].n_spikes[:]).reshape(self.spec.batch, -1) for k in range(top)]
        return np.array(self._groups[f"layer{top}"].summed[:]).reshape(self.spec.batch, -1) / (last - first), spikes

    def _make(self, name: str, size: int, equations: str, **how: Any) -> NeuronGroup:
        self._groups[name] = NeuronGroup(size, equations, name=name, **how)
        return self._groups[name]

    def _array(self, name: str, variable: str, rows: int, columns: int, **image: Any) -> int:
        return self._products.array(self._groups[name], variable, rows, columns, **image)

    def _input(self, layer: Layer) -> None:
        """Make the input and the drive that it gives the units of the first layer, which does not change while it is shown."""
        spec, image = self.spec, {}
        self.session.input("x", self._make("input", spec.batch * spec.n_in, "x : 1"), "x", 0.0)
        if layer.image is not None:
            image = {"image": layer.seen, "patch": (spec.convolution.size, spec.convolution.padding)}
        seen = self._array("input", "x", spec.batch, spec.n_in, **image)
        group = self._make("drive", spec.batch * layer.units, "drive : 1", namespace={"x": seen, "W": self._weights(0, layer, 1.0)})
        group.run_regularly(f"drive = {'convolve' if layer.image else 'dot'}(W, x, i)", when="start")

    def _weights(self, k: int, layer: Layer, scale: float) -> int:
        """Make the weights of a layer, a spike of the layer below times ``scale``, and return their array."""
        rows, columns = layer.weights
        group = self._make(f"w{k}", rows * columns, "w : 1 (constant)")
        self.session.input(f"w{k}", group, "w", scale * np.ravel(self.state[f"w{k}"]))
        return self._array(f"w{k}", "w", rows, columns)

    def _layer(self, k: int, layer: Layer) -> None:
        """Make the neurons of a layer, and behind a convolution what pools their spikes."""
        spec, units, read = self.spec, self.spec.soft_lif, k == len(self.spec.layers) - 1
        bias = np.repeat(np.asarray(self.state[f"b{k}"], float), layer.units // layer.weights[0])
        kind = "li" if read else "lif_exact"
        given = hard_lif.readout(units, bias, dt=self.dt) if read else hard_lif.neuron(units, bias, first=k == 0, dt=self.dt)
        neuron, constants = neuron_of(kind, given), {"v_reset": 0.0, **step_constants(given, self.dt)}
        equations = f"{neuron.equations}{NEURONS}{READ if read else COUNTED}"
        spikes = {} if read else {"threshold": neuron.threshold, "reset": neuron.reset_code}
        namespace = {name: float(constants[name]) for name in neuron.constants if name != "bias"}
        group = self._make(f"layer{k}", spec.batch * layer.units, equations, namespace=namespace, **spikes)
        self.session.input(f"bias{k}", group, "bias", np.tile(constants["bias"], spec.batch))
        if k == 0:
            refer(group, self._groups["drive"], "drive", "i", name="drive")
            given_by = "I = drive*int(age < 1.5)"
        else:
            group.namespace |= {"W": self._weights(k, layer, units.amplitude), "x": self._seen(k - 1)}
            given_by = "I = dot(W, x, i)"
        if read:
            for name in ("n_from", "n_to"):
                self.session.input(name, group, name, 0.0)
        code = f"age += 1\n{given_by}\n{neuron.integrate}{neuron.fire}{READING if read else 'n_spikes += z'}"
        group.run_regularly(code, when="start", order=2 * k)

    def _seen(self, k: int) -> int:
        """Return the array of spikes that the layer above layer k sees."""
        spec, layer = self.spec, self.spec.layers[k]
        fired = self._array(f"layer{k}", "z", spec.batch, layer.units, image=layer.image)
        if layer.image is None:
            return fired
        pool = self._make(f"pool{k}", spec.batch * layer.pooled, "y : 1", namespace={"fired": fired})
        pool.run_regularly("y = average(fired, i)", when="start", order=2 * k + 1)
        return self._array(f"pool{k}", "y", spec.batch, layer.pooled)
