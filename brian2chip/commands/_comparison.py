"""Rules through protocols, as ``compare`` and ``demo`` do it: run, write the page, print the scores."""

from __future__ import annotations

import json
from pathlib import Path


def write_page(out: str, force: bool, *, as_json: bool = False, **how) -> Path:
    """Compare, write the page's folder, print the scores, and return the page's path.

    Parameters
    ----------
    out : str
        The folder; it is checked before anything runs.
    force : bool
        Whether what is in it may be replaced.
    as_json : bool
        Print JSON instead of a table.
    **how
        As :func:`brian2chip.compare` takes it.
    """
    from brian2chip.core import output  # NumPy: see the package's docstring

    output.check_folder(out, force)
    from brian2chip.protocols.compare import compare  # Brian2, which a folder in use need not wait for

    found = compare(**how)
    page = found.write(out, force)
    if as_json:
        print(json.dumps(output.plain({"scores": found.scores.to_dict("records"), "page": str(page)}), indent=2))
        return page
    print(found.table().to_string(float_format=lambda x: f"{x:.3g}", na_rep="-"))
    for row in found.scores.itertuples():
        if row.why:
            print(f"{row.rule} on {row.protocol}: {row.why}")
    return page
