"""Direct random target projection: test errors on MNIST, and what a signal costs."""

from brian2chip.analysis.layered_account import account
from brian2chip.commands.published._claim import Claim
from brian2chip.core.registry import get

SOURCE = "Frenkel, Lefebvre & Bol 2021, Front Neurosci 15:629892, numbers of the authors' talk of 2020"
COMMAND = "brian2chip train mnist --rule {} --epochs 100"
ERRORS = {"bp": 1.72, "fa": 1.92, "dfa": 2.59, "drtp": 4.58}
#: The network of the talk's account.
SIZES = (784, 1000, 1000, 10)


def fixed_words(rule: str) -> float:
    """Return the words of fixed feedback matrices that a rule needs in the network of the account."""
    return account(get("layered_rule", rule), SIZES).fixed_words


CLAIMS = tuple(
    Claim("DRTP", f"MNIST, 784-500-10, 100 epochs, {rule}", error, "% wrong", SOURCE, command=COMMAND.format(rule))
    for rule, error in ERRORS.items()
) + tuple(
    Claim(
        "DRTP",
        f"words of fixed matrices, 784-1000-1000-10, {rule}",
        None,
        "words",
        SOURCE,
        compute=lambda rule=rule: fixed_words(rule),
        command="brian2chip claims drtp",
    )
    for rule in ("fa", "dfa", "drtp")
)
