"""The header of the standard library that every generated file includes: compiled once for a machine and its flags, and kept."""

from __future__ import annotations

import hashlib
import os
import subprocess
from contextlib import suppress
from pathlib import Path

from brian2chip.core import cache_folder, kept_files
from brian2chip.engine import child, compiler, generated_source


def add(directory: Path, machine: tuple[str, ...]) -> None:
    """Put the header into a folder of source, and a link to its compiled form; without one the compiler reads the header itself."""
    makefile = directory / "makefile"
    if not makefile.exists() or generated_source.PREFIX not in makefile.read_text():
        return
    text = "".join(f"#include <{name}>\n" for name in generated_source.HEADERS.split())
    header = directory / generated_source.PREFIX
    with suppress(OSError):  # what the disk refuses is said when the program is compiled
        header.write_text(text)
        flags = generated_source.optimisations(makefile.read_text())
        name = hashlib.sha256(repr((machine, flags, text)).encode()).hexdigest()[:32]
        compiled = cache_folder.kept("headers") / f"{name}.gch"
        link = header.with_name(header.name + ".gch")
        link.unlink(missing_ok=True)
        if kept_files.is_whole(compiled, os.R_OK) or _compiled(header, flags, compiled):
            link.symlink_to(compiled)


def _compiled(header: Path, flags: list[str], target: Path) -> bool:
    part = header.with_suffix(".part")
    command = [*compiler.words(), *flags, "-x", "c++-header", header, "-o", part]
    if child.run(command, header.parent, subprocess.DEVNULL, environment={"TMPDIR": str(header.parent)}) or not part.exists():
        return False
    kept_files.keep(part, target, os.R_OK)
    part.unlink()
    return True
