"""The folders at the root are the subpackages of ``brian2chip``; everything else is in pyproject.toml."""

from setuptools import find_namespace_packages, setup

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

COMPILED = ["*__pycache__*"]
packages = find_namespace_packages(include=["brian2chip", "brian2chip.*"], exclude=COMPILED)  # folders of data too
for folder in FOLDERS:
    packages += [f"brian2chip.{name}" for name in [folder, *(f"{folder}.{p}" for p in find_namespace_packages(folder, exclude=COMPILED))]]

setup(packages=packages, package_dir={f"brian2chip.{folder}": folder for folder in FOLDERS})
