"""ODIN: energy of an operation, area of a synapse, on-chip learning of MNIST."""

from brian2chip.chips.odin.description import ODIN
from brian2chip.commands.published._claim import Claim

SOURCE = "Frenkel, Lefebvre, Legat & Bol 2019, IEEE TBioCAS 13:145"
#: Clock cycles of a synaptic operation.
CYCLES = 2


def picojoules(operations_per_second: float) -> float:
    """Return the energy of an operation at a rate, the clock just fast enough: published operation, assumed leakage and clock power."""
    operation, _ = ODIN.energy["synaptic operation at 0.55 V"]
    return 1e12 * (operation + ODIN.standing.joules(CYCLES, CYCLES * operations_per_second))


CLAIMS = (
    Claim(
        "ODIN",
        "an operation at 37.5 million a second",
        12.7,
        "pJ",
        SOURCE,
        compute=lambda: picojoules(37.5e6),
        command="brian2chip claims odin (leakage and clock power assumed)",
    ),
    Claim(
        "ODIN",
        "an operation in real time, 256 x 256 synapses at 10 Hz",
        54,
        "pJ",
        SOURCE,
        secondary=True,
        compute=lambda: picojoules(256 * 256 * 10),
        command="brian2chip claims odin (leakage and clock power assumed)",
    ),
    Claim("ODIN", "area of a synapse", 0.68, "um2", SOURCE, why_not="silicon"),
    Claim(
        "ODIN",
        "MNIST at 16 x 16, one pass of 6,000, SDSP",
        84.5,
        "% right",
        SOURCE,
        recorded=85.9,
        command="python examples/odin_digits.py MNIST_FOLDER",
    ),
)
