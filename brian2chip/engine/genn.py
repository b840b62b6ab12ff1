"""The genn device, the older route to a GPU: brian2genn and GeNN 4 there or not, started afresh, and what they cannot express."""

from __future__ import annotations

import importlib
import importlib.util
import io
import os
import re
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.core.later import brian2, internals, records
from brian2chip.core.protocol import Protocol
from brian2chip.core.rule import Rule
from brian2chip.engine.functions.lookup_table import Table
from brian2chip.engine.interpreted import run_all
from brian2chip.engine.queued_run import Input, QueuedRun, Start
from brian2chip.errors import UserError

INSTEAD = "use device 'cpp_standalone' or 'cython'"
#: The order of Brian2 under which it equals GeNN, which resets a neuron before it delivers the spikes of the step.
SCHEDULE = ["start", "groups", "thresholds", "resets", "synapses", "end"]


def check_installed() -> None:
    """Import brian2genn and find GeNN.

    Raises
    ------
    UserError
        When brian2genn is missing or does not fit, or ``GENN_PATH`` does not lead to GeNN 4.
    """
    if importlib.util.find_spec("brian2genn") is None:
        raise UserError(f"device 'genn' needs brian2genn, which is not installed; run pip install 'brian2chip[genn]', or {INSTEAD}.")
    path = os.environ.get("GENN_PATH")
    if not path:
        raise UserError(f"device 'genn' needs GeNN 4.9, which is built from source; set GENN_PATH to its folder, or {INSTEAD}.")
    version = Path(path, "version.txt")
    if not version.is_file() or not version.read_text().startswith("4."):
        raise UserError(f"GENN_PATH is {path!r}, which is not the folder of GeNN 4 (its version.txt says so); set it to one, or {INSTEAD}.")
    try:
        importlib.import_module("brian2genn")
    except Exception as error:  # it was written for one version of Brian2, NumPy and setuptools and fails in many ways on others
        raise UserError(
            f"brian2genn cannot be imported ({type(error).__name__}: {error}); install the versions of pip install 'brian2chip[genn]', "
            f"or {INSTEAD}."
        ) from error


CLIP = """
SUPPORT_CODE_FUNC double _clip(const double value, const double a_min, const double a_max)
{
    return value < a_min ? a_min : (value > a_max ? a_max : value);
}
"""


def activate(folder: Path) -> None:
    """Make a fresh GeNN device the active one, building in a folder; on the CPU unless BRIAN2CHIP_GENN_GPU=1."""
    from brian2genn.device import GeNNDevice  # an optional extra
    from brian2genn.genn_generator import GeNNCodeGenerator

    # brian2genn's own clip rounds to single precision.
    brian2.DEFAULT_FUNCTIONS["clip"].implementations.add_implementation(GeNNCodeGenerator, code=CLIP, name="_clip")
    gpu = os.environ.get("BRIAN2CHIP_GENN_GPU", "0") not in ("", "0")
    brian2.set_device(GeNNDevice(), directory=str(folder), use_GPU=gpu, with_output=False)


class Genn:
    """The genn device of a session, which runs once; it has no seed, as stimuli are drawn in NumPy.

    Parameters
    ----------
    folder : Path
        Where code is generated and compiled.
    dt : float
        Seconds of the default clock.
    progress : callable or None
    """

    name = "genn"
    program = None
    table = Table

    def __init__(self, folder: Path, dt: float, progress: Callable[[float], None] | None) -> None:
        self.progress = progress
        self._done = False
        activate(folder)
        brian2.defaultclock.dt = dt * brian2.second

    def declare(self, name: str, group: Any, variable: str, value: Any) -> Input:
        """Return an input, which is set when the run starts."""
        return Input(group, variable, internals.array_like(group, variable, value))

    def read(self, name: str, result: tuple[Any, str]) -> np.ndarray:
        """Return a result of the run."""
        return records.plain_values(*result)

    def queue(self, run: QueuedRun, k: int) -> None:
        """Do nothing: a run is prepared when it starts."""

    def move(self, folder: Path) -> None:
        """Do nothing: what was run cannot be run again."""

    def execute(self, start: Start) -> dict[str, Any]:
        """Run everything and return the seconds that it took.

        Raises
        ------
        UserError
            The second time.
        """
        if self._done:
            raise UserError("the genn device cannot run a network a second time; use device 'cpp_standalone' or 'cython'.")
        self._done = True
        for item in start.inputs.values():
            item.group.state(item.variable, use_units=False)[:] = item.array
        with redirect_stdout(io.StringIO()):  # brian2genn prints
            return {"run": run_all(start.runs, self.progress)}


def missing_feature(rule: Rule, protocol: Protocol | None = None) -> str | None:
    """Return what brian2genn lacks to run this rule, alone or in a protocol, in words; None where it can."""
    code = "\n".join(path.code for path in rule.pathways)
    written = re.findall(r"\b(\w+)_post\s*([-+*/%]?=)(?!=)", code)
    if protocol is not None and protocol.simulate is not None:
        return "two presynaptic pathways at one synapse"
    if rule.post is not None:
        name = rule.post if isinstance(rule.post, str) else rule.post.name
        return f"more than one variable of the neuron ({name}) in on_pre, and a teacher that sets its voltage"
    if len(rule.pathways) > len({path.side for path in rule.pathways}) or any(
        p.delay is not None for p in rule.pathways if p.side == "post"
    ):
        return "pathways with delays of their own"
    if rule.third_factors:
        return "signals over time that a synapse reads"
    if rule.regular:
        return "code run at every synapse at a period (regular=...)"
    if any(operator != "+=" for _, operator in written):
        return "an assignment to a neuron's variable in a synapse other than +="
    if len({name for name, _ in written}) > 1:
        return "two neuron variables changed by one synapse"
    if re.search(r"^\s*\w+\s*=[^=].*:", rule.model, re.MULTILINE):
        return "subexpressions in a synapse"
    if re.search(r"\brandn?\(", code):
        return "random numbers that a seed repeats"
    return None


def refuse(rule: Rule, protocol: Protocol | None = None) -> None:
    """Raise before anything is built when brian2genn cannot express a rule, or a protocol.

    Raises
    ------
    UserError
        With the feature and what to use instead.
    """
    feature = missing_feature(rule, protocol)
    if feature is not None:
        where = f" in {protocol.name!r}" if protocol is not None else ""
        raise UserError(f"rule {rule.name!r}{where} cannot run on genn: brian2genn has no {feature}; {INSTEAD}.")
