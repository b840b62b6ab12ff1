"""SPOON: accuracies on MNIST and what learning adds to the chip."""

from brian2chip.commands.published._claim import Claim

SOURCE = "Frenkel, Legat & Bol 2020, ISCAS, arXiv:2005.06318 (abstract)"

CLAIMS = (
    Claim("SPOON", "MNIST, learned on the chip", 95.3, "% right", SOURCE, recorded=95.0, command="python benchmarks/spoon.py DIR"),
    Claim("SPOON", "MNIST, learned off the chip", 97.5, "% right", SOURCE, recorded=98.3, command="python benchmarks/spoon.py DIR"),
    Claim("SPOON", "a classification at 0.6 V", 313, "nJ", SOURCE, why_not="no formula is known"),
    Claim("SPOON", "power that DRTP adds", 16.8, "%", SOURCE, why_not="silicon"),
    Claim("SPOON", "area that DRTP adds", 11.8, "%", SOURCE, why_not="silicon"),
)
