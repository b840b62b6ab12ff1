"""Soft LIF: errors of spiking networks that were trained through it, and their efficiencies."""

from brian2chip.commands.published._claim import Claim
from brian2chip.learning.conversion.published import efficiencies

SOURCE = "Hunsberger 2018, PhD thesis, University of Waterloo"
COMMAND = "python benchmarks/soft_lif.py MNIST"
ELSEWHERE = {"SVHN": 6.08, "CIFAR-10": 16.46, "CIFAR-100": 44.87, "ILSVRC-2012 (3072 images)": 48.2}


def recomputed(row: int) -> float:
    """Return a published efficiency from the published layers and rates."""
    return float(efficiencies().recomputed.iloc[row])


CLAIMS = (
    Claim("soft LIF", "MNIST, spiking (convolutions there, 784-600-10 here)", 0.88, "% wrong", SOURCE, recorded=1.60, command=COMMAND),
    *(
        Claim("soft LIF", f"{name}, spiking", error, "% wrong", SOURCE, why_not="the package reads no such data set")
        for name, error in ELSEWHERE.items()
    ),
    *(
        Claim(
            "soft LIF",
            f"efficiency, {row.dataset}, {1e3 * row.t_p_s:.0f} ms",
            float(row.efficiency),
            "times",
            SOURCE,
            compute=lambda k=k: recomputed(k),
            command="brian2chip verify soft_lif",
        )
        for k, row in enumerate(efficiencies().itertuples())
    ),
)
