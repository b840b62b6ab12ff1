"""What a program is built from: contents of files count, not only their names."""

from brian2chip.core.identity import _hash


def test_names_contents_and_versions_of_files_count(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).write_text(name)

    def identity(name="engine/a.py", path="one", versions=("2.9.0",)):
        return _hash(((name, str(tmp_path / path), 0, 3),), versions)

    assert identity() == identity()
    assert len({identity(), identity(name="engine/b.py"), identity(path="other"), identity(versions=("2.8.0",))}) == 4
