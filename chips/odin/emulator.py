"""Run ODIN: configuration and input events in, output events, memories and clock cycles out, register for register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from brian2 import second

from brian2chip.chips.fields import pack, unpack
from brian2chip.chips.odin import fields
from brian2chip.chips.odin.controller import CONFIGURATION
from brian2chip.chips.odin.network import NEURON, build
from brian2chip.engine import session
from brian2chip.stopping import stop_run

#: Time steps after which a chip that never comes to rest is given up.
LIMIT = 200_000_000


def words_of(rows: np.ndarray) -> np.ndarray:
    """Return neuron words as Python integers from uint8 [..., 16], byte k holding bits 8k to 8k + 7."""
    flat = np.ascontiguousarray(rows, np.uint8).reshape(-1, 16)
    words = np.empty(len(flat), object)
    words[:] = [int.from_bytes(row.tobytes(), "little") for row in flat]
    return words.reshape(rows.shape[:-1])


def bytes_of(words: np.ndarray) -> np.ndarray:
    """Return uint8 [..., 16] of neuron words; the inverse of :func:`words_of`."""
    flat = np.frombuffer(b"".join(int(w).to_bytes(16, "little") for w in words.ravel()), np.uint8)
    return flat.reshape((*words.shape, 16)).copy()


def registers(words: np.ndarray) -> dict[str, np.ndarray]:
    """Return the codes of all registers of both models, int32 with the shape of the words."""
    lif = np.array([int(w) & 1 for w in words.ravel()]).reshape(words.shape)
    codes = {name: np.zeros(words.shape, np.int32) for name in (*NEURON, "disable")}
    for kind, layout in ((1, fields.LIF), (0, fields.IZHIKEVICH)):
        for name, values in unpack(layout, words).items():
            if name != "lif":
                codes[name] = np.where(lif == kind, values, codes[name]).astype(np.int32)
    return {**codes, "lif": lif.astype(np.int32)}


def words_with(words: np.ndarray, codes: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the words with their registers replaced; bits that belong to no register stay."""
    lif = np.array([int(w) & 1 for w in words.ravel()], bool).reshape(words.shape)
    out = words.copy()
    for chosen, layout in ((lif, fields.LIF), (~lif, fields.IZHIKEVICH)):
        if chosen.any():
            layout = [f for f in layout if f.name in codes]
            out[chosen] = pack(layout, {f.name: np.asarray(codes[f.name])[chosen] for f in layout}, keep=words[chosen])
    return out


def _inputs(trace: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    codes = registers(words_of(np.asarray(trace["neur_init"])))
    values = {f"neurons_{name}": code for name, code in codes.items()}
    values.update(neurons_up=trace["vup_init"], neurons_down=trace["vdn_init"], neurons_syn_sign=trace["syn_sign"])
    values["neurons_watched"] = np.isin(np.arange(256), trace.get("trace_neurons", ()))
    values["crossbar_x"] = np.asarray(trace["syn_init"]).ravel()
    values.update({f"controller_{name}": trace[name] for name in CONFIGURATION})
    n = len(trace["stim_addr"])
    values.update(controller_n_events=n, controller_requested=n > 0)
    values["controller_bursting"] = not trace["open_loop"] and int(trace["burst_timeref"]) > 0
    return values


class Emulator:
    """One compiled ODIN in an open session; every :meth:`run` starts a new chip with any configuration and stimulus."""

    def __init__(self, session):
        self.session, self.second = session, second
        self.stimulus = session.table("stimulus", np.zeros((1, 2), np.int32))
        self.network, self.objects = build()
        self._ready = False

    def run(self, trace: Mapping[str, np.ndarray]) -> None:
        """Run one configuration and stimulus, as arrays of the golden format; afterwards ``objects`` hold the state."""
        values = _inputs(trace)
        events = np.column_stack((np.asarray(trace["stim_addr"], np.int32), np.asarray(trace["stim_wait_idle"], np.int32)))
        if not self._ready:
            for name, value in values.items():
                group, _, variable = name.partition("_")
                self.session.input(name, self.objects[group], variable, np.asarray(value, np.int32))
            self.session.queue(self.network, LIMIT, {"stimulus": self.stimulus, "stop_run": stop_run()})
            self._ready = True
        self.session.execute({**values, "stimulus": events})


@contextmanager
def emulator(device: str = "cpp_standalone") -> Iterator[Emulator]:
    """Open a chip emulator; the program is compiled on first use and cached."""
    with session(device, dt=1.0) as s:
        yield Emulator(s)
