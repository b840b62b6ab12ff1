"""One cache of compiled programs for the whole test run, apart from the user's own."""

import os
import tempfile
from pathlib import Path

# Kept between runs (the key is the generated source, so a stale program is never used); a user's cache is left alone.
os.environ.setdefault("BRIAN2CHIP_CACHE", str(Path(tempfile.gettempdir()) / f"brian2chip-tests-{os.getuid()}"))
os.environ.setdefault("MPLBACKEND", "Agg")


def pytest_collection_modifyitems(items):
    """Begin with the long files: they are given out whole, and a long one at the end would keep one process alone."""
    items.sort(key=lambda item: item.path.parent.name not in ("learning", "chips"))
