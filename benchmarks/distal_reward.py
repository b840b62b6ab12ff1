"""A simulated hour of Izhikevich's network of 1,000 for five seeds: when the rewarded synapse is among the strongest, and what it takes.

python benchmarks/distal_reward.py [seeds [seconds]]
"""

import sys
import time

import brian2chip as bc
from brian2chip.protocols.izhikevich_2007 import STRONGEST


def main(seeds: int = 5, seconds: float = 3600.0) -> None:
    """Print one line a seed."""
    print(
        f"{'seed':>4} {'top ' + format(1 - STRONGEST, '.0%') + ' after':>14} {'weaker at most':>14} {'in the end':>10} {'weight':>7}",
        end=" ",
    )
    print(f"{'mean':>6} {'rewards':>8} {'rate':>8} {'run':>8}")
    for seed in range(1, seeds + 1):
        begin = time.perf_counter()
        table = bc.run("izhikevich_2007", "izhikevich_2007", seed=seed, duration_s=seconds, device="cpp_standalone")
        took, found, last = time.perf_counter() - begin, table.attrs["run"]["scores"], table.iloc[-1]
        print(
            f"{seed:4d} {found['strongest_after_s']:12.0f} s {found['share_weaker_at_most']:14.2%} {found['share_weaker']:10.2%}", end=" "
        )
        print(
            f"{last['w_end']:7.2f} {last['mean_weight']:6.2f} {found['rewards']:8.0f} {found['rate_hz']:5.2f} Hz {took:6.0f} s", flush=True
        )


if __name__ == "__main__":
    main(*(kind(given) for kind, given in zip((int, float), sys.argv[1:])))
