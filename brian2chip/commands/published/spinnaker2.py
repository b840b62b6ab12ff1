"""SpiNNaker 2: what voltage and frequency by the load save, on three networks with assumed constants."""

from brian2chip.analysis.power import reductions
from brian2chip.analysis.power_model import bounds
from brian2chip.chips import spinnaker2_networks
from brian2chip.chips.spinnaker2 import ASSUMED, PUBLISHED, SOURCE, managed
from brian2chip.chips.spinnaker2_networks.recorded import record
from brian2chip.commands.published._claim import Claim


def saved(what: str) -> float:
    """Return what is saved in per cent, mean over the three networks, a second each."""
    works = [record(spinnaker2_networks.network(name), 1.0, device="numpy").workload() for name in spinnaker2_networks.names()]
    return 100 * sum(reductions(work, managed(work))[what] for work in works) / len(works)


CLAIMS = (
    *(
        Claim(
            "SpiNNaker 2",
            f"{words} saved",
            100 * PUBLISHED[name],
            "%",
            SOURCE,
            compute=lambda name=name: saved(name),
            command="brian2chip power NETWORK (assumed constants, other networks)",
        )
        for name, words in (("total", "mean power"), ("baseline", "baseline power"), ("operation", "energy of an operation"))
    ),
    Claim(
        "SpiNNaker 2",
        "energy of an operation saved at the lowest level",
        50,
        "%",
        SOURCE,
        compute=lambda: 100 * bounds(ASSUMED)["operation_saved"],
        within=0.03,
        command="brian2chip claims spinnaker2",
    ),
)
