"""What Brian2 reads in a text, kept in the cache: read again without Brian2."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from brian2chip.core import cache_folder, kept_files
from brian2chip.core.identity import Unidentified, identity, sources
from brian2chip.core.temporary import temporary_folder

#: The sources as they were when this process first asked: every file of two packages is looked at, which takes longer than a reading.
_sources = functools.cache(sources)


@functools.cache
def remembered(reader: Callable[[str], Any], text: str) -> Any:
    """Return what a reader, a function of this package, makes of a text: lists, mappings, texts and numbers.

    It is kept under the identity of reader, text, this package and Brian2, unless one of these was changed meanwhile. What a reader raises
    is not kept.
    """
    try:
        path = cache_folder.kept("readings") / identity(reader, text, _sources())
    except Unidentified:  # the package was changed since it was imported
        return reader(text)
    if kept_files.is_whole(path):
        with suppress(OSError, ValueError):
            return json.loads(path.read_bytes())
    value = json.loads(json.dumps(reader(text)))
    with suppress(OSError, Unidentified), temporary_folder(path.parent) as folder:
        sources()  # raises for a change: this value may be made by the new files, and the name is that of the old ones
        made = folder / "reading"
        made.write_text(json.dumps(value))
        kept_files.keep(made, path)
    return value
