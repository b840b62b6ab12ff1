"""ReckOn in Brian2's generated code: one compiled program that serves any configuration, weights and samples."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import numpy as np
from brian2 import EventMonitor, Network, NeuronGroup, StateMonitor, Synapses

from brian2chip.chips.reckon.shift_registers import SEEDS, advanced, output_window
from brian2chip.chips.reckon.state import ChipSamples, Configuration, Memory
from brian2chip.engine import session
from brian2chip.models import reckon as model
from brian2chip.models.fixed_point import ARITHMETIC
from brian2chip.models.lfsr import lfsr_function
from brian2chip.models.scan import scan_functions
from brian2chip.plasticity import reckon_eprop as rule

WIDE = ("steps", "noise_words", "advances_inp", "advances_rec", "advances_out", "bit_inp", "bit_rec", "S")
#: Registers that the equations know by their own names.
HIDDEN_REGISTERS = (
    *("RST_MODE", "FORCE_TRACES", "NOISE_EN", "NOISE_STR", "REGUL_MODE", "EN_STOCH_ROUND", "KAPPA", "LEARN_SIG_SCALE", "REGUL_F0"),
    *(f"FP_LOC_{name}" for name in ("WINP", "WREC", "WOUT", "TINP", "TREC", "TOUT")),
    *("REGUL_K_INP_P", "REGUL_K_INP_R", "REGUL_K_REC_P", "REGUL_K_REC_R", "REGUL_K_MUL"),
    *(f"THR_H_{k}" for k in range(4)),
    *(f"H_{k}" for k in range(5)),
    *(f"LR_{side}_{name}" for side in "PR" for name in ("WINP", "WREC", "WOUT")),
)
OUTPUT_REGISTERS = ("REGRESSION", "NO_OUT_ACT", "SEND_PER_TIMESTEP", "REGUL_MODE", "EN_STOCH_ROUND", "KAPPA")
STATE = ("u", "trace_inp", "trace_rec", "trace_out", "dirty")


@dataclass(frozen=True)
class Result:
    """What a run of samples gave.

    Attributes
    ----------
    memory : Memory
        Afterwards.
    wins, v : int array [S, outputs]
        Win counters and output membranes at the end of each sample.
    visits : int array [ticks]
        Slots that PROP served in each tick.
    learned : int array [ticks]
        1 where an e-prop pass ran.
    steps : dict of str to int array, or None
        When recorded, the state after the STEP of each tick: ``z``, ``u``, ``trace_inp``, ``trace_rec``, ``trace_out``, ``dirty``
        [ticks, 256], ``v``, ``wins`` [ticks, 16]; the first tick of a sample has no STEP.
    """

    memory: Memory
    wins: np.ndarray
    v: np.ndarray
    visits: np.ndarray
    learned: np.ndarray
    steps: dict[str, np.ndarray] | None

    @property
    def label(self) -> np.ndarray:
        """The inferred class of each sample: the output that won most ticks, the lowest among equals."""
        return self.wins.argmax(axis=1)


def tick_table(samples: ChipSamples, configuration: Configuration) -> np.ndarray:
    """Return the levels at the chip's pins in each tick, the columns of :data:`model.TICK_COLUMNS` and then the targets."""
    ends = np.cumsum(samples.n_ticks)
    starts = ends - samples.n_ticks
    eprop = np.repeat(samples.eprop, samples.n_ticks)
    table = np.zeros((ends[-1], len(model.TICK_COLUMNS) + model.N_OUTPUT), np.int16)
    table[starts, 0] = 1
    table[ends - 1, 1] = 1
    table[:, 2] = samples.target_valid
    table[:, 3] = samples.infer_acc
    table[:, 4:7] = (eprop[:, None] >> np.arange(3)) & 1
    table[:, 7] = np.repeat(samples.label, samples.n_ticks)
    table[starts[1:], 8] = 1  # a programmed neuron memory is alive in the first sample of a run
    if samples.target is not None and configuration["REGRESSION"]:
        table[:, 9 : 9 + samples.target.shape[1]] = samples.target
    elif samples.target is not None and not configuration["SINGLE_LABEL"]:
        table[:, 7] = samples.target[:, 0] & 15
    return table


def event_table(samples: ChipSamples, configuration: Configuration) -> np.ndarray:
    """Return which inputs had an event before each tick, [ticks, inputs]; events collected twice count once."""
    starts = np.cumsum(samples.n_ticks) - samples.n_ticks
    table = np.zeros((int(samples.n_ticks.sum()), model.N_HIDDEN), np.uint8)
    table[starts[samples.sample] + samples.t, samples.i] = 1
    return np.ascontiguousarray(table[:, : configuration.n_rows])


def inputs(configuration: Configuration, memory: Memory) -> dict[str, dict[str, np.ndarray | int]]:
    """Return the values of the program's inputs, group by group."""
    c = configuration
    ni, nr, no = c["NUM_INP_NEUR"], c["NUM_REC_NEUR"], c["NUM_OUT_NEUR"]
    stepped = c.n_stepped // 2  # words; the last unit of an odd number is lost
    rounded = c.alpha != 0x8000
    starts = {name: output_window(name, content) for name, content in memory.lfsr.items()}
    sizes = {"NI": ni, "NR": nr, "NO": no, "NN": max(ni, nr), "RO": max(ni, nr, no)}
    halves = np.arange(model.N_HIDDEN) % 2
    hidden = {
        **sizes,
        **{name: c[name] for name in HIDDEN_REGISTERS},
        **{name: getattr(memory, name) for name in STATE},
        **{f"window_{name}": starts[name] for name in ("winp", "wrec", "wout", "noise")},
        **{f"window_{name}": np.where(halves, starts[name + "1"], starts[name + "0"]) for name in ("neur", "tinp", "trec", "tout")},
        "REGUL_W_INP": c["REGUL_W"] & 1,
        "REGUL_W_REC": c["REGUL_W"] >> 1,
        "thr": np.repeat(c.thr, 2),
        "alpha": np.repeat(c.alpha, 2),
        "step_rank": np.repeat(np.cumsum(rounded) - rounded, 2),
        "N_STEPPED": stepped,
        "N_ROUNDED": int(rounded[:stepped].sum()),
        "N_TOUCHED": 2 * ((nr >> 1) + 1),
        "N_COLUMNS": c.n_columns,
    }
    output = {
        **sizes,
        **{name: c[name] for name in OUTPUT_REGISTERS},
        "N_OUT_STEPPED": min(16, c.n_stepped),
        "window_oneur": starts["oneur"],
    }
    crossbar = {f"w_{name}": getattr(memory, f"w{name}")[: c.n_rows, : c.n_columns].ravel() for name in ("inp", "rec")}
    return {"hidden": hidden, "output": output, "crossbar": crossbar, "readout": {"w_out": memory.wout[: c.n_rows, : c.n_outputs].ravel()}}


class Emulator:
    """A ReckOn whose program stays compiled between runs; use it in a ``with`` statement.

    Parameters
    ----------
    record : bool
        Keep the state after every STEP.
    device : {"cpp_standalone", "cython", "numpy"}
        The last two build the network anew for every run; they are there to check the generated code.
    """

    def __init__(self, record: bool = False, device: str = "cpp_standalone"):
        self.record = record
        self.device = device
        self._stack = ExitStack()
        self._objects: dict | None = None

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, *error) -> None:
        self._close()

    def _close(self) -> None:
        self._stack.close()
        self._objects = None

    @property
    def program_seconds(self) -> float:
        """Seconds that the last run spent in the compiled program."""
        return self._session.timings["run"]

    def run(self, configuration: Configuration, memory: Memory, samples: ChipSamples) -> Result:
        """Run samples one after the other and return what came of it.

        Parameters
        ----------
        configuration : Configuration
            DO_EPROP is taken from the samples.
        memory : Memory
            Not changed; the result holds the memory afterwards.
        samples : ChipSamples

        Raises
        ------
        UserError
            For samples that do not fit the configuration.
        """
        samples = samples.checked(configuration)
        given = inputs(configuration, memory)
        tables = {"ticks": tick_table(samples, configuration), "events": event_table(samples, configuration)}
        ticks = float(tables["ticks"].shape[0])
        if self._objects is None or self.device != "cpp_standalone":
            self._close()
            self._build(given, tables)
            self._session.run(self._objects["network"], ticks)
        else:
            flat = {f"{group}.{name}": value for group, values in given.items() for name, value in values.items()}
            self._session.execute({**flat, **tables}, durations=[ticks])
        return self._result(configuration, memory, samples)

    def _build(self, given: dict, tables: dict) -> None:
        self._stack.enter_context(_order_is_meant())
        self._session = s = self._stack.enter_context(session(self.device, dt=1.0))
        channels = NeuronGroup(32, "result : integer", dtype={"result": np.int64}, name="channels")
        names = {
            **ARITHMETIC,
            **scan_functions(channels, "result"),
            "lfsr": lfsr_function([g.trinomial for g in model.GENERATORS.values()]),
            "ticks": s.table("ticks", tables["ticks"]),
            "events": s.table("events", tables["events"]),
            **model.CHANNELS,
            **{name.upper(): k for k, name in enumerate(model.GENERATORS) if name != "noise"},
            "NOISE_REGISTER": list(model.GENERATORS).index("noise"),
        }
        hidden = _group(model.N_HIDDEN, model.HIDDEN + rule.HIDDEN, {**model.HIDDEN_EVENTS, **rule.HIDDEN_EVENTS}, "hidden", names)
        output = _group(model.N_OUTPUT, model.OUTPUT, model.OUTPUT_EVENTS, "output", names)
        groups = {"hidden": hidden, "output": output}
        for phase in (*model.PHASES, *rule.PHASES):
            run_at = {"when": "start", "order": phase.order}
            if phase.event is None:
                groups[phase.group].run_regularly(phase.code, **run_at)
            else:
                groups[phase.group].run_on_event(phase.event, phase.code, **run_at)
        for group in ("hidden", "output"):
            for name, value in given[group].items():
                s.input(f"{group}.{name}", groups[group], name, value)
        synapses = self._connect(hidden, output, names)
        for group in ("crossbar", "readout"):
            for name, value in given[group].items():
                s.input(f"{group}.{name}", synapses[group], name, value)
        monitors = {
            "send": EventMonitor(output, "send", variables=["v", "wins"], when="start", order=7, name="send"),
            "ticks": StateMonitor(hidden, ["learning"], record=[0], when="start", order=27, name="tick_monitor"),
            "visits": StateMonitor(channels, ["result"], record=[0], when="start", order=27, name="visit_monitor"),
        }
        if self.record:
            variables = ["z", *STATE]
            monitors["hidden_steps"] = StateMonitor(hidden, variables, record=True, when="start", order=5, name="hidden_monitor")
            monitors["output_steps"] = StateMonitor(output, ["v", "wins"], record=True, when="start", order=5, name="output_monitor")
        network = Network(channels, hidden, output, *synapses.values(), *monitors.values())
        self._objects = {**groups, **synapses, **monitors, "network": network}

    @staticmethod
    def _connect(hidden, output, names) -> dict[str, Synapses]:
        crossbar = Synapses(
            hidden,
            hidden,
            model.CROSSBAR,
            on_pre={"deliver": model.DELIVER, "learn_inp": rule.LEARN_INP, "learn_rec": rule.LEARN_REC},
            on_event={"deliver": "visit", "learn_inp": "learn_inp", "learn_rec": "learn_rec"},
            namespace=names,
            name="crossbar",
        )
        crossbar.connect(j="k for k in range(N_COLUMNS_pre) if i <= NN_pre")
        readout = Synapses(
            hidden,
            output,
            model.READOUT,
            on_pre={"deliver": model.DELIVER_OUTPUT, "feedback": rule.FEEDBACK},
            on_event={"deliver": "visit", "feedback": "feedback"},
            namespace=names,
            name="readout",
        )
        readout.connect(j="k for k in range(NO_pre + 1) if i <= NN_pre")
        bus = Synapses(
            hidden,
            hidden,
            on_pre={"step": rule.LATCH, "read": rule.LATCH},
            on_event={"step": "latch_step", "read": "latch_read"},
            namespace=names,
            name="memory_bus",
        )
        bus.connect(j="k for k in range(256) if i % 2 == k % 2")
        learning = ((bus.step, 1.5), (bus.read, 11.5), (readout.feedback, 13.5), (crossbar.learn_inp, 16), (crossbar.learn_rec, 17))
        for pathway, order in (*learning, (crossbar.deliver, 24), (readout.deliver, 25)):
            pathway.when, pathway.order = "start", order
        return {"crossbar": crossbar, "readout": readout, "bus": bus}

    def _result(self, configuration: Configuration, memory: Memory, samples: ChipSamples) -> Result:
        hidden = self._objects["hidden"]
        value = lambda group, name: np.asarray(group.variables[name].get_value())  # noqa: E731
        rows, columns, outputs = configuration.n_rows, configuration.n_columns, configuration.n_outputs
        blocks = {
            "winp": value(self._objects["crossbar"], "w_inp").reshape(rows, columns),
            "wrec": value(self._objects["crossbar"], "w_rec").reshape(rows, columns),
            "wout": value(self._objects["readout"], "w_out").reshape(rows, outputs),
        }
        weights = {}
        for name, block in blocks.items():
            weights[name] = getattr(memory, name).copy()
            weights[name][: block.shape[0], : block.shape[1]] = block
        steps = int(samples.n_ticks.sum()) - samples.n_ticks.size
        state = {name: value(hidden, name).astype(np.int64) for name in STATE[:-1]}
        after = replace(
            memory, **weights, **state, dirty=np.zeros(model.N_HIDDEN, np.int64), lfsr=self._registers(configuration, memory, steps)
        )
        send = self._objects["send"]
        ends = np.cumsum(samples.n_ticks) - 1
        last = np.isin(np.rint(np.asarray(send.t_)).astype(np.int64), ends)
        shape = (samples.n_ticks.size, outputs)
        visits = np.asarray(self._objects["visits"].result).ravel()
        recorded = None
        if self.record:
            recorded = {
                name: np.asarray(getattr(self._objects[f"{group}_steps"], name)).T
                for group, names in (("hidden", ("z", *STATE)), ("output", ("v", "wins")))
                for name in names
            }
            for name in STATE[:-1]:
                recorded[name] = recorded[name] * recorded["dirty"]
        learned = np.asarray(self._objects["ticks"].learning).ravel()
        return Result(after, np.asarray(send.wins)[last].reshape(shape), np.asarray(send.v)[last].reshape(shape), visits, learned, recorded)

    def _registers(self, configuration: Configuration, memory: Memory, steps: int) -> dict[str, int]:
        """Return the content of the shift registers after the run from the number of their advances."""
        hidden = self._objects["hidden"]
        rounding = configuration["EN_STOCH_ROUND"] * steps
        words = configuration.n_stepped // 2
        advances = {name: int(np.asarray(hidden.variables[f"advances_{name[1:]}"].get_value()).item()) for name in ("winp", "wrec", "wout")}
        advances["noise"] = int(np.asarray(hidden.variables["noise_words"].get_value()).item())
        advances["oneur"] = rounding * int(configuration["KAPPA"] != 0x80) * min(16, configuration.n_stepped)
        for name in SEEDS:
            if name.startswith("neur"):
                advances[name] = rounding * int((configuration.alpha[:words] != 0x8000).sum())
            elif name[0] == "t":
                advances[name] = rounding * words
        return {name: advanced(name, content, advances[name]) for name, content in memory.lfsr.items()}


def _group(n: int, equations: str, events: dict[str, tuple[str, float]], name: str, names: dict) -> NeuronGroup:
    """Return a group whose events happen at their place in the tick."""
    wide = {variable: np.int64 for variable in WIDE if f"{variable} : integer" in equations}
    conditions = {event: condition for event, (condition, _) in events.items()}
    group = NeuronGroup(n, equations, events=conditions, dtype=wide, namespace=names, name=name)
    for event, (_, order) in events.items():
        group.set_event_schedule(event, when="start", order=order)
    return group


@contextmanager
def _order_is_meant() -> Iterator[None]:
    """Keep Brian2 from warning that the result depends on the order of execution: the chip's order is what the code reproduces."""
    loggers = [logging.getLogger(f"brian2.{name}") for name in ("codegen.generators.base", "monitors.statemonitor")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels):
            logger.setLevel(level)
