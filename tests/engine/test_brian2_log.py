"""Brian2's temporary logs: those of a killed process go, those of another package or of a process that failed stay."""

import os
import tempfile

from brian2chip.engine import brian2_log


def test_only_logs_of_killed_processes_of_this_package_are_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ours = f"{brian2_log.OURS} brian_script_a.py\n"
    texts = {"killed": f"first\n{ours}last\n", "kept": f"{ours}an error\n{brian2_log.KEPT}\n", "foreign": "first\n", "alive": ours}
    for name, text in texts.items():
        (tmp_path / f"brian_debug_{name}.log").write_text(text)
    (tmp_path / "brian_script_a.py").write_text("")
    held = brian2_log.claim(tmp_path / "brian_debug_alive.log")
    brian2_log.remove_abandoned()
    os.close(held)
    assert sorted(os.listdir(tmp_path)) == [f"brian_debug_{name}.log" for name in ("alive", "foreign", "kept")]
