"""The package is found in a clone, in a clone where a wheel is installed, through a clone's path alone, and as a wheel, whole each time."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import brian2chip

CLONE = Path(__file__).parents[1]
FOLDERS = (
    "models",
    "plasticity",
    "protocols",
    "tasks",
    "learning",
    "chips",
    "substrates",
    "translation",
    "bench",
    "sweeps",
    "inference",
    "analysis",
    "core",
    "engine",
)
#: Prints where the package and each of its folders were found, without importing what is in them.
WHERE = f"""
import importlib.util, brian2chip
print(brian2chip.__path__[0])
for name in {FOLDERS}:
    print(importlib.util.find_spec("brian2chip." + name).submodule_search_locations[0])
"""


def python(*arguments, cwd, path=()):
    """Run Python in a folder with more places to look for packages; return what it prints."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    run = subprocess.run([sys.executable, *map(str, arguments)], cwd=cwd, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


#: Lists, shows one of each kind, runs a protocol on its data, and makes a page from its template.
WORK = """
from brian2chip.cli import main
assert main(["list"]) == 0
for name in ("stdp", "lif", "eprop", "bi_poo_1998", "pattern_generation", "loihi"):
    assert main(["show", name]) == 0
assert main(["run", "bi_poo_1998", "--device", "numpy", "--option", "pairs=2"]) == 0
from brian2chip.analysis import translation_report
print(translation_report.page("A title", "fits", "a chip", [], [], []))
from brian2chip.translation import folder
"""


def works(cwd, path):
    """Assert that everything which needs more than Python files is there: data, templates, schemas, the command itself."""
    printed = python("-c", WORK, cwd=cwd, path=path)
    assert all(word in printed for word in ("evidence_accumulation", "dx/dt = -x/tau_plus", "rmse = ", "<h1>A title</h1>", "td.best"))
    assert python("-m", "brian2chip", "--version", cwd=cwd, path=path).strip() == brian2chip.__version__


def found_in(output):
    """Return where the package itself and where its folders at the root were found."""
    package, *folders = map(Path, output.split("\n")[:-1])
    return package, folders


def from_clone(output):
    package, folders = found_in(output)
    return package == CLONE / "brian2chip" and all(folder.parent in (CLONE, package) for folder in folders)


def test_the_clones_folders_are_used_inside_it(tmp_path):
    assert from_clone(python("-c", WHERE, cwd=CLONE))
    other = tmp_path / "brian2chip"  # an installed wheel, as far as finding goes
    other.mkdir()
    (other / "__init__.py").write_text("raise ImportError('not the clone')")
    assert from_clone(python("-c", WHERE, cwd=CLONE, path=[tmp_path]))


def test_a_path_to_the_clone_is_enough(tmp_path):
    assert from_clone(python("-c", WHERE, cwd=tmp_path, path=[CLONE]))
    works(tmp_path, [CLONE])


def copied(source):
    """Copy what a build needs out of the clone, which stays as it is."""
    leave = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__", "tests", "docs", "demo")
    shutil.copytree(CLONE, source, ignore=leave)
    return source


@pytest.mark.slow
def test_a_source_distribution_makes_the_same_wheel(tmp_path):
    source, wheels = copied(tmp_path / "source"), tmp_path / "wheels"
    pytest.importorskip("build", reason="build is not installed (the extra test)")
    python("-m", "build", "--sdist", "--outdir", tmp_path / "dist", source, cwd=tmp_path)
    with tarfile.open(next((tmp_path / "dist").iterdir())) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
        packed.extractall(tmp_path / "unpacked", filter="data")
    assert {"setup.py", "pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md", "CITATION.cff", "examples/stdp_window.py"} <= names
    pip = ("-m", "pip", "--quiet", "--disable-pip-version-check", "wheel", "--no-deps", "--wheel-dir")
    contents = []
    for k, folder in enumerate((source, next((tmp_path / "unpacked").iterdir()))):
        python(*pip, wheels / str(k), folder, cwd=tmp_path)
        with zipfile.ZipFile(next((wheels / str(k)).glob("*.whl"))) as wheel:
            contents.append(sorted(wheel.namelist()))
    assert contents[0] == contents[1] and len(contents[0]) > 400
    assert not [name for name in contents[0] if name.startswith(("tests", "examples", "docs", "benchmarks"))]


@pytest.mark.slow
def test_a_wheel_is_whole(tmp_path):
    source, wheels, site = copied(tmp_path / "source"), tmp_path / "wheels", tmp_path / "site"
    pip = ("-m", "pip", "--quiet", "--disable-pip-version-check")
    python(*pip, "wheel", source, "--no-deps", "--wheel-dir", wheels, cwd=tmp_path)
    python(*pip, "install", next(wheels.glob("*.whl")), "--no-deps", "--target", site, cwd=tmp_path)
    package, folders = found_in(python("-c", WHERE, cwd=tmp_path, path=[site]))
    assert package == site / "brian2chip" and all(folder.parent == package for folder in folders)
    assert (package / "py.typed").is_file()
    works(tmp_path, [site])
    assert from_clone(python("-c", WHERE, cwd=CLONE, path=[site]))
