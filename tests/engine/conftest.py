"""Programs that are generated and neither compiled nor started."""

from pathlib import Path

import pytest

from brian2chip.engine import compiled_program, program_cache, recipe


@pytest.fixture
def kept(monkeypatch):
    """Return a list that gets (identity, name in the cache, recipe) of each program; their results are missing."""
    programs = []
    monkeypatch.setattr(recipe, "find", lambda name: None)
    monkeypatch.setattr(recipe, "keep", lambda name, made, folder: programs.append((name, made.program, made)))
    monkeypatch.setattr(compiled_program, "start", lambda program, folder, *rest: (folder / "results").mkdir(exist_ok=True))

    def find(folder, make_args, *more):
        return Path(program_cache.key(folder, make_args)), True

    monkeypatch.setattr(program_cache, "find_or_compile", find)
    return programs
