"""The folder of generated C++ as it is compiled: each file with the changes that the network allows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from brian2chip.core.brian2_run_code import RunCode, code_file
from brian2chip.engine import generated_source as source
from brian2chip.engine import independent, interleaved, joined_source, powers, quiet_steps


def change(folder: Path, runs: Sequence[Sequence[RunCode]]) -> None:
    """Change the files of a program's source.

    Parameters
    ----------
    folder : Path
    runs : sequence of sequence of RunCode
        What each run of the program calls in its steps.
    """
    _rewrite(folder / "objects.cpp", lambda text: source.without_setting_by_name(source.with_checked_results(text)))
    _rewrite(folder / "makefile", source.with_prefix)
    code = [each for run in runs for each in run]
    texts = {each.name: code_file(folder, each.name).read_text() for each in code if each.name}
    records = interleaved.records(code, texts)
    queues = sorted({interleaved.queue_of(texts[each.name]) for each in code if each.template == interleaved.TEMPLATE} - {""})
    steps = interleaved.around_run(records, queues) + quiet_steps.next_step(code, quiet_steps.quiet_clock(runs, texts))
    _rewrite(folder / "network.cpp", lambda text: source.with_loop(text, steps))
    if source.has_loop((folder / "network.cpp").read_text()):
        _rewrite(folder / "synapses_classes.h", source.with_direct_queue)
        (folder / "b2c_records.h").write_text(interleaved.header(records, queues))
        for each in (each for each in code if each.name):
            if each.template == interleaved.TEMPLATE:
                code_file(folder, each.name).write_text(powers.with_quick_powers(interleaved.with_records(texts[each.name], each, records)))
            else:
                code_file(folder, each.name).write_text(independent.with_independent_elements(texts[each.name], each))
    joined_source.join(folder)


def _rewrite(path: Path, changed) -> None:
    path.write_text(changed(path.read_text()))
