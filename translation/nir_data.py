"""Spikes as NIR's data files (HDF5) have them: tables in steps, or events in seconds, beside the names of nodes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.core.checked_arrays import real_numbers, truth_values, whole_numbers
from brian2chip.core.files import shown
from brian2chip.core.hdf5_files import read_hdf5
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.output import check_writable
from brian2chip.core.samples import LARGEST, LARGEST_DENSE, Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError, unknown

#: Ends of the names of files that are read so.
SUFFIXES = (".nir", ".h5", ".hdf5")
#: The observable of spikes, and the node of the input where none is named.
SPIKES, INPUT = "spikes", "input"
#: What steps may differ by, relative to one, so that times in seconds are on the grid.
CLOSE = 1e-6


def read_nir_data(path: str | os.PathLike, *, dt: float | None = None, node: str | None = None) -> Samples:
    """Return the spikes of a node of a NIR data file as samples of label 0.

    Parameters
    ----------
    path : path
    dt : float, optional
        Seconds of a step; a table states its own, which must be this one. Events need it: one belongs to the step in which it falls.
    node : str, optional
        By default the node ``"input"``, or the only one.

    Raises
    ------
    UserError
        For a file that is none, a node that is not there, values in place of spikes, another step, and two events of a neuron in one step.
    """
    where = f"the NIR data file {shown(path)}"
    observed, name = _observable(read_hdf5(path, "NIR data", ("@",)), node, where)
    where = f"{where} (node {name!r:.80})"
    if observed.get("@__type__") == "TimeGriddedData":
        step = float(real_numbers(observed.get("@dt"), "dt", where, shape=()))
        if dt is not None and not np.isclose(step, dt, rtol=CLOSE):
            raise UserError(f"{where} is in steps of {step:g} s, the network in steps of {dt:g} s; record it in the network's steps.")
        x = truth_values(observed.get("data"), "data", where, shape=(None, None, None))
        return Samples.from_dense(x, np.ones(x.shape[1], bool), label=np.zeros(len(x), int))
    if observed.get("@__type__") != "EventData":
        raise UserError(f"{where} holds {observed.get('@__type__')!s:.40}; spikes are TimeGriddedData or EventData.")
    if dt is None:
        raise UserError(f"{where} holds events in seconds; give the step dt in which they are to be counted.")
    return _from_events(observed, dt, where)


def _observable(document: Mapping[str, Any], node: str | None, where: str) -> tuple[Mapping[str, Any], str]:
    """Return the spikes of a node, or its only observable, and the node's name."""
    nodes = document.get("nodes")
    if document.get("@__type__") != "NIRGraphData" or not isinstance(nodes, Mapping):
        raise UserError(f"{where} holds no NIRGraphData; write it with nir.write_data, or give a .npz of samples.")
    names = [name for name in nodes if not name.startswith("@")]
    wanted = node if node is not None else INPUT if INPUT in names or len(names) != 1 else names[0]
    if wanted not in names:
        raise unknown(f"node of {where} called", wanted, names)
    found = nodes[wanted].get("observables", {}) if isinstance(nodes[wanted], Mapping) else {}
    observables = {name: one for name, one in found.items() if isinstance(one, Mapping)}
    if SPIKES not in observables and len(observables) != 1:
        raise UserError(f"the node {wanted!r:.80} of {where} has {len(observables)} observables and none called {SPIKES!r}; record spikes.")
    return observables[SPIKES] if SPIKES in observables else next(iter(observables.values())), wanted


def _from_events(observed: Mapping[str, Any], dt: float, where: str) -> Samples:
    """Return events in seconds as samples; an index of -1 stands for none."""
    n_in = int(whole_numbers(observed.get("@n_neurons"), "n_neurons", where, low=1, high=LARGEST["n_in"], shape=()))
    duration = float(real_numbers(observed.get("@t_max"), "t_max", where, low=0, shape=()))
    index = whole_numbers(observed.get("idx"), "idx", where, low=-1, high=n_in - 1, shape=(None, None))
    there = index >= 0
    time = np.asarray(observed.get("time"))
    if time.shape != index.shape:
        raise UserError(f"time of {where} has shape {time.shape}, idx {index.shape}; give one time an event.")
    seconds = real_numbers(time[there], "time", where, low=0)
    if not 1 <= np.rint(duration / dt) <= LARGEST["n_steps"]:
        raise UserError(f"{where} lasts {duration:g} s, which is no number of steps of {dt:g} s that samples may have.")
    steps = np.floor(seconds / dt + CLOSE).astype(np.int64)
    n_steps = int(np.ceil(duration / dt - CLOSE))
    if len(steps) and steps.max() >= n_steps:
        raise UserError(f"{where} has an event at {seconds.max():g} s, after its end at {duration:g} s; give a later t_max.")
    sample = np.nonzero(there)[0]
    place = np.stack([sample, steps, index[there]])
    if place.shape[1] != np.unique(place, axis=1).shape[1]:
        raise UserError(f"{where} has several events of a neuron in one step of {dt:g} s, which would be lost; give a smaller dt.")
    mask = np.ones(n_steps, bool)
    return Samples(*place, len(index), n_steps, n_in, mask, label=np.zeros(len(index), int))


def write_nir_data(run: NetworkRun, network: SpikingNetwork, path: str | os.PathLike, samples: Samples | None = None) -> Path:
    """Write what a network did as a NIR data file, whole or not at all; return the path.

    Every spiking population is a node with a table ``spikes``, every readout one with its membrane ``v``, in the network's steps.

    Parameters
    ----------
    run : NetworkRun
    network : SpikingNetwork
    path : path
    samples : Samples, optional
        The input, for the nodes of the input populations.

    Raises
    ------
    UserError
        When the file cannot be written, or the tables would take more than :data:`brian2chip.core.samples.LARGEST_DENSE` bytes.
    """
    import h5py  # it comes with the extra [nir]

    trains, channel = dict(run.spikes), 0
    for p in network.populations if samples is not None else ():
        if p.kind == "input":
            own = (samples.i >= channel) & (samples.i < channel + p.size)
            trains[p.name] = (samples.sample[own], samples.t[own], samples.i[own] - channel)
            channel += p.size
    cells = run.n_samples * run.n_steps * sum(network.population(name).size for name in trains)
    if cells > LARGEST_DENSE:
        raise UserError(f"the spikes as tables would take {cells / 2**30:.1f} GiB; write fewer samples, or an .npz.")
    target = check_writable(path)
    handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=".part")
    os.close(handle)
    try:
        with h5py.File(temporary, "w") as file:
            file.attrs["__type__"] = "NIRGraphData"
            for name, (sample, t, i) in trains.items():
                table = np.zeros((run.n_samples, run.n_steps, network.population(name).size), bool)
                table[sample, t, i] = True
                _write_table(file, name, SPIKES, table, network.dt)
            for name, v in run.readout.items():
                _write_table(file, name, "v", v, network.dt)
        os.replace(temporary, target)
    except OSError as error:
        raise UserError(f"the NIR data file {shown(path)} cannot be written ({error}); choose another path.") from None
    finally:
        Path(temporary).unlink(missing_ok=True)
    return target


def _write_table(file: Any, name: str, observable: str, table: np.ndarray, dt: float) -> None:
    node = file.require_group(f"nodes/{name}")
    node.attrs["__type__"] = "NIRNodeData"
    group = node.create_group(f"observables/{observable}")
    group.create_dataset("data", data=table, compression="gzip")
    group.attrs["__type__"], group.attrs["dt"] = "TimeGriddedData", dt
