"""Run the code of Brian2 strings on plain arrays, outside any network or session."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from brian2chip.core.brian2_internals import NumpyNodeRenderer

NUMPY = {"abs": np.abs, "clip": np.clip, "exp": np.exp, "int": lambda x: np.asarray(x).astype(int), "logical_not": np.logical_not}


def on_arrays(code: str, functions: Mapping[str, Callable] = NUMPY) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return a function from variables to the variables after a block of code, as Brian2's NumPy target writes it.

    Parameters
    ----------
    code : str
        Assignments, one a line; written in this package, never read from outside.
    functions : mapping of str to callable
        What the functions in the code are, for arrays of another library than NumPy.
    """
    renderer = NumpyNodeRenderer()
    lines = [renderer.render_node(node) for node in ast.parse(textwrap.dedent(code)).body]
    rendered = compile("\n".join(lines), "<Brian2 code>", "exec")
    known = {"__builtins__": {}, **functions}

    def run(variables: Mapping[str, Any]) -> dict[str, Any]:
        after = dict(variables)
        exec(rendered, known, after)
        return after

    return run
