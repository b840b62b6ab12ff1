"""MorphIC: energies and accuracies with binary weights."""

from brian2chip.commands.published._claim import Claim

SOURCE = "Frenkel, Legat & Bol 2019, IEEE TBioCAS 13:999"

CLAIMS = (
    Claim("MorphIC", "a synaptic operation at 0.8 V", 30, "pJ", SOURCE, secondary=True, why_not="no formula is known"),
    Claim(
        "MorphIC",
        "MNIST, binary weights, rate code",
        97.8,
        "% right",
        SOURCE,
        secondary=True,
        recorded=98.18,
        command="python benchmarks/morphic_mnist.py DIR rate",
    ),
    Claim(
        "MorphIC",
        "MNIST, binary weights, rank order",
        95.9,
        "% right",
        SOURCE,
        secondary=True,
        recorded=95.43,
        command="python benchmarks/morphic_mnist.py DIR rank",
    ),
)
