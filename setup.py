"""The folders at the root are the subpackages of ``brian2chip``; everything else is in pyproject.toml."""

from setuptools import find_packages, setup

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
)

packages = find_packages(include=["brian2chip", "brian2chip.*"])
for folder in FOLDERS:
    packages += [f"brian2chip.{name}" for name in [folder, *(f"{folder}.{p}" for p in find_packages(folder))]]

setup(packages=packages, package_dir={f"brian2chip.{folder}": folder for folder in FOLDERS})
