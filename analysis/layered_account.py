"""What a rule of layered networks needs, computed from its line: transposed weights, waiting, operations, and fixed words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from brian2chip.core.layered_rule import LayeredRule
from brian2chip.errors import UserError

#: What the vectors of a line are computed from, in the equations common to all rules; ``above`` is the forward pass of layers above.
READS = {"dz_above": {"above"}, "error": {"above", "target"}, "sign_error": {"error"}, "target": set()}
#: Vectors whose elements are -1, 0 or 1, so that a product with them only adds; and those that are one 1 among zeros where samples have
#: classes, so that a product with them only reads a row.
SIGNS, ONE_OF_MANY = {"sign_error"}, {"target"}


@dataclass(frozen=True)
class LayeredAccount:
    """What the signals to the hidden layers need, for one sample.

    Attributes
    ----------
    rule : str
    multiply_accumulates, additions, reads : int
        To compute the signals: products of numbers, sums with a sign, and reads of a fixed word.
    fixed_words : int
        Words of fixed matrices beside the weights.
    needs_transposed_weights : bool
        Whether a layer reads the forward weights of the layer above backwards (weight transport).
    update_locked : bool
        Whether a layer waits for the forward pass of the layers above before it learns.
    activations_kept : int
        Outputs of hidden units that must be kept until the signal is there.
    """

    rule: str
    multiply_accumulates: int
    additions: int
    reads: int
    fixed_words: int
    needs_transposed_weights: bool
    update_locked: bool
    activations_kept: int


def sources(vector: str) -> set[str]:
    """Return everything that a vector is computed from."""
    found = set(READS[vector])
    return found.union(*(sources(name) for name in found if name in READS))


def account(rule: LayeredRule, sizes: Sequence[int], classes: bool = True) -> LayeredAccount:
    """Return the account of a rule for a fully connected network.

    Parameters
    ----------
    rule : LayeredRule
    sizes : sequence of int
        Inputs, hidden units, outputs.
    classes : bool
        Whether targets are classes.

    Raises
    ------
    UserError
        For fewer than three layers.
    """
    if len(sizes) < 3 or any(n < 1 for n in sizes):
        raise UserError(f"the sizes of a layered network were given as {tuple(sizes)}; give inputs, hidden units and outputs.")
    hidden, count = range(1, len(sizes) - 1), {"multiply_accumulates": 0, "additions": 0, "reads": 0}
    for _, matrix, vector in rule.products:
        for k in hidden:
            if classes and vector in ONE_OF_MANY:
                count["reads"] += sizes[k]
            else:
                count["additions" if vector in SIGNS else "multiply_accumulates"] += math.prod(shape(matrix, sizes, k))
    locked = any("above" in sources(vector) for vector in rule.vectors)
    return LayeredAccount(
        rule=rule.name,
        **count,
        fixed_words=sum(math.prod(shape(matrix, sizes, k)) for matrix in rule.matrices - {"W_above"} for k in hidden),
        needs_transposed_weights=any(p == "dot_transposed" and m == "W_above" for p, m, _ in rule.products),
        update_locked=locked,
        activations_kept=sum(sizes[k] for k in hidden) if locked else 0,
    )


def shape(matrix: str, sizes: Sequence[int], k: int) -> tuple[int, int]:
    """Return the shape of a matrix of a rule's line at hidden layer k, counted from 1."""
    return (sizes[-1], sizes[k]) if matrix == "B" else (sizes[k + 1], sizes[k])
