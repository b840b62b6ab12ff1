"""Versions of Brian2 before 2.9 keep their own loop over the steps, and so their own programs."""

import brian2
import pytest

VERSION = tuple(int(part) for part in brian2.__version__.split(".")[:2])
KEEPS_ITS_OWN = VERSION < (2, 9)
needs_our_loop = pytest.mark.skipif(KEEPS_ITS_OWN, reason=f"Brian2 {brian2.__version__} keeps its own loop over the steps")
