"""Which of Brian2's devices runs: what is asked for, what is installed, and what is sooner done."""

from __future__ import annotations

import logging

from brian2chip.core.later import brian2, internals
from brian2chip.engine import cuda, genn
from brian2chip.engine.compiler import compiler, compiles_modules, missing
from brian2chip.errors import UserError, unknown

logger = logging.getLogger(__name__)

DEVICES = ("auto", "numpy", "cython", "cpp_standalone", "cuda", "genn")
#: Those on which a compiled program reads its inputs when it starts, the number of synapses among them.
COMPILED = ("cpp_standalone", "cuda")
#: Seconds of one numpy step of one Brian2 object; above ``PATIENCE`` seconds of such work a compiler is worth waiting for.
NUMPY_STEP = 8e-6
PATIENCE = 2.0

_warned: set[str] = set()


def _once(message: str) -> None:
    if message not in _warned:
        _warned.add(message)
        logger.warning(message)


def _check_cython() -> None:
    """Raise where Brian2 would go on with wrong numbers: without ``cpow`` Cython 3 makes a power complex, and that code is left out."""
    import Cython  # not installed everywhere, and needed by this device alone

    if int(Cython.__version__.split(".")[0]) >= 3 and not internals.cython_keeps_powers_real():
        raise UserError(
            f"Brian2 {brian2.__version__} gives wrong results with Cython {Cython.__version__}; run pip install 'cython<3', "
            "or use device 'cpp_standalone'."
        )


def choose_device(device: str = "auto", work: float | None = None) -> str:
    """Return the device that will run.

    Parameters
    ----------
    device : {"auto", "numpy", "cython", "cpp_standalone", "cuda", "genn"}
    work : float, optional
        Steps times objects of the network. ``auto`` takes numpy where that is sooner done than a compilation.

    Raises
    ------
    UserError
        For an unknown device, and where ``cuda`` or ``genn`` lacks what it needs.
    """
    if device not in DEVICES:
        raise unknown("device", device, DEVICES)
    if device == "genn":
        genn.check_installed()
    if device == "cuda":
        cuda.check_installed()
    if device == "cython":
        _check_cython()
    if (device == "cpp_standalone" and compiler() is None) or (device == "cython" and not compiles_modules()):
        _once(f"{missing(make=device != 'cython')} was found, so {device} cannot be used; falling back to numpy.")
        return "numpy"
    if device != "auto":
        return device
    if work is not None and work * NUMPY_STEP < PATIENCE:
        return "numpy"
    if compiler() is None:
        _once(f"{missing()} was found; long work runs on numpy, which is slower.")
        return "numpy"
    return "cpp_standalone"
