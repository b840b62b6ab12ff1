"""How a layered network learns, as data: the one line by which rules of feedforward learning differ."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from brian2chip.core import html
from brian2chip.core.field_types import check_fields
from brian2chip.errors import UserError, unknown

#: What the line may read: matrices, vectors over the units of a layer for every sample of the batch, and the unit's own variables.
MATRICES = {
    "W_above": "forward weights of the layer above",
    "B_above": "fixed random weights of the shape of W_above",
    "B": "fixed random weights from this layer to the output, [outputs, units]",
}
VECTORS = {
    "error": "output minus target",
    "sign_error": "its sign",
    "target": "the target",
    "dz_above": "the signal of the layer above, at its drive",
}
PRODUCTS = ("dot", "dot_transposed")


@dataclass(frozen=True)
class LayeredRule:
    """How the hidden layers of a feedforward network hear of the output's error.

    Each unit has a drive ``z``, an output ``y`` and the slope of its activation. What a rule gives stands for the gradient of the loss
    with respect to ``y``; all else is common: ``dz = delta*slope``, the gradient of a weight is ``dz`` times the input, summed over
    the batch, and the output layer has its exact gradient.

    Attributes
    ----------
    name, source : str
        The registry name and the citation.
    signal : str
        Code of one line or several that sets ``delta``. ``dot(M, v, i)`` is element ``i`` of the product of a matrix and a vector, and
        ``dot_transposed(M, v, i)`` that with the transposed matrix; see :data:`MATRICES` and :data:`VECTORS`.
    convention : str
        Sign and scale, in words.
    devices : tuple of str
        Where it runs.
    file : str or None
        The file that defines it, where that is a user's own.

    Raises
    ------
    UserError
        When a field is of another type, or the code reads what a layer does not have.
    """

    name: str
    source: str
    signal: str
    convention: str = ""
    devices: tuple[str, ...] = ("numpy", "cpp_standalone")
    file: str | None = None

    _repr_html_ = html.definition

    def __post_init__(self):
        check_fields(self)
        try:
            tree = ast.parse(self.signal)
        except SyntaxError as error:
            raise UserError(f"the signal of layered rule {self.name!r} cannot be read: {error.msg}; write delta = ... .") from None
        if "delta" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}:
            raise UserError(f"the signal of layered rule {self.name!r} does not set delta; write delta = ... .")
        for product, matrix, vector in self.products:
            if matrix not in MATRICES:
                raise unknown(f"matrix that {product} of layered rule {self.name!r} may take called", matrix, MATRICES)
            if vector not in VECTORS:
                raise unknown(f"vector that {product} of layered rule {self.name!r} may take called", vector, VECTORS)

    @property
    def products(self) -> tuple[tuple[str, str, str], ...]:
        """The products of the line as (function, matrix, vector)."""
        return tuple(
            (node.func.id, *(argument.id if isinstance(argument, ast.Name) else ast.unparse(argument) for argument in node.args[:2]))
            for node in ast.walk(ast.parse(self.signal))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PRODUCTS and len(node.args) == 3
        )

    @property
    def matrices(self) -> frozenset[str]:
        """The matrices that the line reads."""
        return frozenset(matrix for _, matrix, _ in self.products)

    @property
    def vectors(self) -> frozenset[str]:
        """The vectors that the line reads."""
        return frozenset(vector for _, _, vector in self.products)

    @property
    def chained(self) -> bool:
        """Whether the signal comes through the layer above."""
        return "dz_above" in self.vectors
