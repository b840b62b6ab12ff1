"""Brian2's global state while a session builds a network: a fresh device inside, everything given back on leaving."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import brian2
import numpy as np

from brian2chip.core import brian2_cuda
from brian2chip.core import brian2_internals as internals
from brian2chip.engine import brian2_log
from brian2chip.engine.cuda_target import CUDA
from brian2chip.engine.genn import Genn
from brian2chip.engine.interpreted import Interpreted
from brian2chip.engine.standalone import Standalone
from brian2chip.engine.targets import CPP

#: The preference by which Ctrl+C only stops a simulation, where Brian2 has it.
INTERRUPT = "core.stop_on_keyboard_interrupt"


brian2_log.hold()


@contextmanager
def running(device: str, dtype: Any, remember: Callable, **how: Any) -> Iterator[Standalone | Interpreted | Genn]:
    """Yield what runs networks on a device, with Brian2's state as new; ``remember`` takes the function that gives the state back."""
    brian2_log.remove_abandoned()
    with internals.kept_state() as give_back, _kept_random_state():
        remember(give_back)
        brian2.prefs["core.default_float_dtype"] = dtype
        if INTERRUPT in brian2.prefs:
            brian2.prefs[INTERRUPT] = False  # it ends a run as if all were done
        try:
            if device == "cpp_standalone":
                yield Standalone(CPP, **how)
            elif device == "cuda":
                with brian2_cuda.warnings_alone():
                    yield Standalone(CUDA, **how)
            elif device == "genn":
                yield Genn(how["folder"], how["dt"], how["progress"])
            else:
                yield Interpreted(device, how["dt"], how["seed"], how["progress"])
        except BaseException:
            internals.silence_abandoned_objects()
            raise


@contextmanager
def _kept_random_state() -> Iterator[None]:
    state = np.random.get_state()  # noqa: NPY002  (Brian2 uses the global generator)
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
