"""e-prop on phase-change memory: what is claimed could not be read."""

from brian2chip.commands.published._claim import Claim

CLAIMS = (
    Claim(
        "PCM",
        "e-prop with weights of 4 bits, beside floating point",
        None,
        "",
        "Bohnstingl et al. 2022",
        why_not="the paper's figures could not be read; ours are in docs/substrates.md",
    ),
)
