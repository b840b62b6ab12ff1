"""Brian2 2.5.4, which brian2genn works with, keeps its own loop over the steps, and so its own program."""

import brian2
import pytest

KEEPS_ITS_OWN = tuple(int(part) for part in brian2.__version__.split(".")[:2]) < (2, 6)
needs_our_loop = pytest.mark.skipif(KEEPS_ITS_OWN, reason=f"Brian2 {brian2.__version__} keeps its own loop over the steps")
