"""What is written beside a result so that it can be repeated."""

import re
import subprocess
from pathlib import Path

import pytest

import brian2chip
from brian2chip.core.provenance import provenance

CLONE = Path(__file__).parents[2]


def test_versions_of_the_package_and_of_what_it_stands_on():
    versions = provenance()["versions"]
    assert versions["brian2chip"] == brian2chip.__version__
    assert all(re.match(r"\d+\.\d+", versions[name]) for name in ("python", "brian2", "numpy", "pandas"))


@pytest.mark.skipif(not (CLONE / ".git").exists(), reason="not a clone")
def test_a_clone_is_named_by_its_commit():
    head = subprocess.run(["git", "-C", str(CLONE), "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    assert provenance()["git"]["commit"] == head
