"""The generated files of all code objects joined into few: a compiler reads the headers once for many, which is most of its work.

Brian2 writes a file a code object, 60 for a network that learns. Each holds its helper functions in a namespace without a name; joined
into one file these need one each. The functions themselves stay as they are, and what they compute too.
"""

from __future__ import annotations

import re
from pathlib import Path

from brian2chip.core.brian2_run_code import code_file

#: How many files the code objects become: compiled at the same time where there are processors.
PARTS = 2


def join(folder: Path, suffix: str = ".cpp", but: str | None = None) -> None:
    """Join the code objects of a generated folder, and name the joined files in the makefile instead.

    Files have a suffix; those whose names begin with ``but`` stay as they are.

    Relies on ``SRCS`` of the makefile, and on each file having one ``namespace {`` and functions that begin ``using namespace brian;``;
    a file that is not so stays as it is.
    """
    makefile = folder / "makefile"
    found = re.search(r"^SRCS = (.*)$", makefile.read_text(), re.M)
    if found is None:
        return
    files, parts = found.group(1).split(), [[] for _ in range(PARTS)]
    code = (f for f in files if Path(f) == code_file(Path(), Path(f).stem, suffix) and not (but and Path(f).stem.startswith(but)))
    taken = {f: text for f in code if (text := _named((folder / f).read_text(), Path(f).stem))}
    # By length, each to the shorter part: a part is compiled as fast as the other.
    for file in sorted(taken, key=lambda f: (-len(taken[f]), f)):
        min(parts, key=lambda part: sum(map(len, part))).append(taken[file])
        (folder / file).unlink()
    names = [code_file(Path(), f"joined_{k}", suffix).as_posix() for k in range(PARTS)]
    for name, part in zip(names, parts):
        (folder / name).write_text("".join(part))
    sources = " ".join(["SRCS =", *names, *(f for f in files if f not in taken)])
    makefile.write_text(makefile.read_text().replace(found.group(), sources, 1))


def _named(text: str, name: str) -> str:
    """Return a code object's file with a name for the namespace of its helpers and without its macros at the end, or nothing."""
    if len(re.findall(r"^namespace\s*\{", text, re.M)) != 1 or not re.search(r"^\s*using namespace brian;", text, re.M):
        return ""
    text = re.sub(r"^namespace\s*\{", f"namespace {name}_helpers {{", text, flags=re.M)
    text = re.sub(r"^(\s*)using namespace brian;", rf"\1using namespace brian; using namespace {name}_helpers;", text, flags=re.M)
    macros = dict.fromkeys(re.findall(r"^\s*#\s*define\s+(\w+)", text, re.M))
    return text + "".join(f"\n#undef {macro}" for macro in macros) + "\n"
