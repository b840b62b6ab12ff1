"""One cache of compiled programs for the whole test run, apart from the user's own."""

import os
import tempfile
from pathlib import Path

# Kept between runs (the key is the generated source, so a stale program is never used); a user's cache is left alone.
os.environ.setdefault("BRIAN2CHIP_CACHE", str(Path(tempfile.gettempdir()) / f"brian2chip-tests-{os.getuid()}"))
os.environ.setdefault("MPLBACKEND", "Agg")
