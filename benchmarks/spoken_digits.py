"""Spoken digits at ReckOn's size: float, the same answered as the chip answers, translated, and fine-tuned by the chip's own learning.

usage: brian2chip train spoken_digits_lif --data DIR --out digits
       python benchmarks/spoken_digits.py digits/network.npz --data DIR     (DIR holds the recordings of the Free Spoken Digit Dataset)
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from brian2chip.core.registry import get
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.translation.evaluate import decisions
from brian2chip.translation.fine_tuning import fine_tune
from brian2chip.translation.reference_simulator import float_run
from brian2chip.translation.translate import translate

CALIBRATION, FINE_TUNING = 64, 900
#: Smaller steps than for cue accumulation, whose samples have two classes and fifty recordings; output traces that do not saturate.
REGISTERS = {"LR_P_WOUT": 5, "FP_LOC_TOUT": 5}


def most_wins(readout: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the class that is largest in most of the masked steps, as ReckOn decides, for readouts [samples, steps, classes]."""
    winner = readout[:, mask].argmax(axis=2)
    return np.array([np.bincount(w, minlength=readout.shape[2]).argmax() for w in winner])


def figures(network: SpikingNetwork, data: Path, epochs: int) -> dict[str, np.ndarray]:
    """Return the answers to the test recordings, and their labels under ``"label"``."""
    task = get("task", "spoken_digits_lif")
    calibration, train = (task.generate(n, np.random.default_rng(n), data=data) for n in (CALIBRATION, FINE_TUNING))
    test: Samples = task.generate(1, np.random.default_rng(0), split="test", data=data)
    run = float_run(network, test, device="cpp_standalone")
    translated = translate(network, "reckon", calibration=calibration).checked()
    tuned, history = fine_tune(translated, train, epochs=epochs, registers=REGISTERS)
    print(f"{len(test)} test recordings; fine-tuning on {epochs} x {FINE_TUNING} training recordings; right while learning: ", end="")
    print(", ".join(f"{100 * right:.1f} %" for right in history.right))
    return {
        "label": test.label,
        "float, largest summed readout": decisions(network, run, test.mask),
        "float, most steps won": most_wins(run.readout["out"], test.mask),
        "translated, on the chip model": translated.emulate(test).label,
        "fine-tuned, on the chip model": tuned.emulate(test).label,
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=3, help="of fine-tuning")
    args = parser.parse_args()
    answers = figures(SpikingNetwork.load(args.network), args.data, args.epochs)
    labels = answers.pop("label")
    for name, given in answers.items():
        print(f"{name:<32}{100 * np.mean(given == labels):6.1f} %")


if __name__ == "__main__":
    main()
