"""BrainScaleS-2: accuracy, speed and energy of classification in the loop."""

from brian2chip.commands.published._claim import Claim

SOURCE = "Cramer et al. 2022, PNAS 119:e2109194119, as the chip's demonstrations quote it"

CLAIMS = (
    Claim(
        "BrainScaleS-2",
        "points of Yin-Yang that training in the loop loses at a mismatch of 30 %",
        None,
        "points",
        "benchmarks/in_the_loop.py",
        recorded=0.7,
        command="python benchmarks/in_the_loop.py",
    ),
    Claim(
        "BrainScaleS-2",
        "MNIST at 16 x 16, in the loop, 256-128-10 here",
        97.6,
        "% right",
        SOURCE,
        recorded=96.41,
        command="python benchmarks/in_the_loop_mnist.py FOLDER",
    ),
    Claim("BrainScaleS-2", "energy of an image", 2.4, "uJ", SOURCE, why_not="silicon"),
)
