"""The notebooks run from top to bottom, by nbmake, without the cell that installs the package doing anything."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

CLONE = Path(__file__).parents[1]
NOTEBOOKS = sorted((CLONE / "notebooks").glob("*.ipynb"))

pytestmark = pytest.mark.skipif(find_spec("nbmake") is None, reason="nbmake is not installed (the extra notebooks)")


def test_there_are_five_and_they_hold_no_output():
    cells = [cell for notebook in NOTEBOOKS for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]]
    assert len(NOTEBOOKS) == 5
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


@pytest.mark.slow
@pytest.mark.parametrize("notebook", [pytest.param(n, id=n.stem) for n in NOTEBOOKS])
def test_a_notebook_runs(notebook, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(CLONE)}
    command = [sys.executable, "-m", "pytest", "--nbmake", "--nbmake-timeout=1200", "-p", "no:cacheprovider", "-q", str(notebook)]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-3000:]
