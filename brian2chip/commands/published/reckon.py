"""ReckOn: memory of learning, energy of an operation, accuracies."""

from brian2chip.chips.reckon.fields import N_HIDDEN, N_INPUT, NEURON_WORD, WEIGHT
from brian2chip.commands.published._claim import Claim

SOURCE = "Frenkel & Indiveri 2022, ISSCC"
#: Columns of the output memory: 16 outputs in words of 32, of which half is used.
OUTPUT_COLUMNS = 32
NEURON_WORD_BITS = 128


def memory_bits() -> int:
    """Return the chip's memories: input, recurrent and output weights, and a word for each pair of neurons."""
    weights = (N_INPUT + N_HIDDEN + OUTPUT_COLUMNS) * N_HIDDEN * WEIGHT.bits
    return weights + N_HIDDEN // 2 * NEURON_WORD_BITS


def learning_share() -> float:
    """Return the share of them that learning alone needs: the traces."""
    traces = sum(field.bits for field in NEURON_WORD if field.name.startswith("trace"))
    return 100 * traces * N_HIDDEN // 2 / memory_bits()


CLAIMS = (
    Claim("ReckOn", "memory of learning", 0.8, "%", SOURCE, compute=learning_share, within=0.05, command="brian2chip claims reckon"),
    Claim("ReckOn", "memory", 138, "kB", SOURCE, compute=lambda: memory_bits() / 8192, command="brian2chip claims reckon"),
    Claim(
        "ReckOn",
        "a synaptic operation at 0.5 V",
        5.3,
        "pJ",
        SOURCE,
        why_not="taken as published, for brian2chip energy; no formula is known",
    ),
    Claim(
        "ReckOn",
        "cue accumulation",
        96.4,
        "% right",
        SOURCE,
        recorded=98.0,
        command="brian2chip train evidence_accumulation --chip reckon --data DIR",
    ),
    Claim(
        "ReckOn",
        "keyword spotting",
        90.7,
        "% right",
        SOURCE,
        why_not="its words of the Spiking Heidelberg Digits; ours are other recordings",
    ),
    Claim("ReckOn", "gestures", 87.3, "% right", SOURCE, why_not="recordings of a DVS camera, which the package reads but does not hold"),
    Claim("ReckOn", "power while learning in real time", 150, "uW, at most", SOURCE, why_not="leakage and clock power are not published"),
)
