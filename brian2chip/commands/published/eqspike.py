"""EqSpike: accuracy on MNIST."""

from brian2chip.commands.published._claim import Claim

SOURCE = "Martin et al. 2021, iScience 24:102222 (abstract)"

CLAIMS = (
    Claim("EqSpike", "MNIST, 784-100-10 here", 97.6, "% right", SOURCE, recorded=94.65, command="python benchmarks/eqspike.py mnist DIR"),
)
