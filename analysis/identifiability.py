"""Which parameters data determine, by computed criteria: how far they narrow the prior, what trades against what, where the prior cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

#: A parameter whose posterior is wider than this share of the prior's width is not determined.
WIDE = 0.8
#: Parameters whose correlation is larger than this are determined in combination alone.
TRADED = 0.9
#: The outer share of a prior's range, and how many times the prior's probability lies in it where the prior cuts a posterior.
OUTER, CUT = 0.05, 3.0


@dataclass(frozen=True)
class Identifiability:
    """What draws of a posterior say of their parameters; all of it on the scale on which the prior is even.

    Attributes
    ----------
    names : tuple of str
    width : array [parameters]
        Standard deviation of the posterior, divided by the prior's.
    correlation : array [parameters, parameters]
    ends : array [parameters, 2]
        Probability in the outer 5 % of the prior's range, at its lower and upper end.
    """

    names: tuple[str, ...]
    width: np.ndarray
    correlation: np.ndarray
    ends: np.ndarray

    @property
    def undetermined(self) -> tuple[str, ...]:
        """Parameters that the data hardly narrow."""
        return tuple(name for name, width in zip(self.names, self.width) if width > WIDE)

    @property
    def traded(self) -> tuple[tuple[str, str, float], ...]:
        """Pairs of which a combination is determined better than either, with their correlation."""
        pairs = combinations(range(len(self.names)), 2)
        found = [(self.names[i], self.names[j], float(self.correlation[i, j])) for i, j in pairs]
        return tuple(pair for pair in found if abs(pair[2]) > TRADED)

    @property
    def cut(self) -> tuple[tuple[str, str], ...]:
        """Parameters that are determined as far as an end of the prior, and which."""
        which = [(k, end) for k in range(len(self.names)) for end in (0, 1) if self.names[k] not in self.undetermined]
        return tuple((self.names[k], ("lower", "upper")[end]) for k, end in which if self.ends[k, end] > CUT * OUTER)

    def statement(self) -> str:
        """Return in words what the data determine and what not."""
        width = dict(zip(self.names, self.width))
        sentences = [
            f"The data do not determine {name}: its posterior is {width[name]:.2f} times as wide as its prior (over {WIDE:g})."
            for name in self.undetermined
        ]
        sentences += [f"{a} and {b} trade against one another (correlation {r:.2f}, beyond {TRADED:g})." for a, b, r in self.traded]
        sentences += [f"The {end} end of its prior cuts the posterior of {name}." for name, end in self.cut]
        if not self.undetermined and not self.traded:
            sentences.insert(0, f"The data determine all parameters (widths at most {self.width.max():.2f} of the prior's).")
        return " ".join(sentences)


def identifiability(names: Sequence[str], share: np.ndarray) -> Identifiability:
    """Return what draws say, as shares of the prior's ranges [draws, parameters] from 0 to 1."""
    spread = share.std(axis=0)
    centred = share - share.mean(axis=0)
    products = centred.T @ centred / len(share)
    scale = np.where(spread > 0, spread, 1.0)
    ends = np.stack([(share < OUTER).mean(axis=0), (share > 1 - OUTER).mean(axis=0)], axis=1)
    return Identifiability(tuple(names), spread * np.sqrt(12), products / np.outer(scale, scale), ends)
