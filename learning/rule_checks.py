"""What a learning rule must agree with before a network is compiled: its own code, the neurons, the training."""

from __future__ import annotations

from brian2chip.core.equations import assignments
from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.training_config import TrainingConfig
from brian2chip.errors import UserError


def check_rule(rule: LearningRule, network: NetworkConfig, training: TrainingConfig, replicas: int = 1) -> None:
    """Refuse a combination that the rule does not allow, and a rule whose schedule its code contradicts.

    Raises
    ------
    UserError
    """
    _check_code(rule)
    if rule.online and (training.optimiser != "gradient_descent" or training.batch != 1 or replicas != 1):
        raise UserError(f"{rule.name!r} changes weights at every step: it needs optimiser 'gradient_descent' and batch 1.")
    if rule.online and training.substrate is not None:
        raise UserError(f"{rule.name!r} changes weights at every step, and a substrate holds those that change after a batch; "
                        "use another rule, such as 'eprop_events', or leave the substrate out.")  # fmt: skip
    if rule.rounds and training.bits is None:
        raise UserError(f"{rule.name!r} keeps its weights on a grid of n bits; give bits, from 2 to 24.")
    if rule.rounds and training.bits == 1:
        raise UserError(f"{rule.name!r} rounds to a grid with a zero, which 1 bit has not; give 2 to 24 bits.")
    if rule.online and training.bits is not None and not rule.rounds:
        raise UserError(
            f"{rule.name!r} changes weights at every step and does not round them to {training.bits} bits; leave bits out, or use a rule "
            "that rounds, such as 'eprop_factorised_nbit'."
        )
    if network.n_alif and not rule.adaptive_neurons:
        raise UserError(f"{rule.name!r} has no eligibility of the threshold; use a network of LIF neurons only (n_alif = 0).")


def _check_code(rule: LearningRule) -> None:
    """Refuse code that does not change what the rule's fields say it changes."""
    try:
        code, end = ({target for target, _, _ in assignments(text)} for text in (rule.code, rule.at_sample_end))
    except (SyntaxError, ValueError) as error:
        raise UserError(f"the code of learning rule {rule.name!r} cannot be read: {' '.join(str(error).split())}") from error
    if rule.online and "w" not in code:
        raise UserError(f"learning rule {rule.name!r} says that it changes weights at every step, but its code never assigns w; "
                        "assign it, or set updates_each='batch' and name the gradient.")  # fmt: skip
    if not rule.online and "w" in code | end:
        raise UserError(f"learning rule {rule.name!r} leaves the weights to the optimiser, but its code assigns w; "
                        "leave that out, or set updates_each='step' and gradient=None.")  # fmt: skip
    if not rule.online and rule.gradient not in code | end:
        raise UserError(f"learning rule {rule.name!r} names {rule.gradient!r} as its gradient, but its code never assigns it; "
                        "name the variable that the code sums the gradient in.")  # fmt: skip
