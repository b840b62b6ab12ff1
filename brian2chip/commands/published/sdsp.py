"""What SDSP saves against STDP at 256 x 256 synapses, in the account that is computed from the equations."""

from brian2chip.analysis.locality import account
from brian2chip.commands.published._claim import Claim
from brian2chip.core.registry import get

N = 256
SOURCE = "the account of both rules"
COMMAND = "brian2chip compare --rules odin_sdsp stdp"


def _account(name: str):
    return account(get("rule", name), N, N * N)


def operations_saved() -> float:
    """Return how many of the operations of a pair of spikes at a synapse SDSP saves, in per cent."""
    pair = {name: sum(_account(name).pre_event.values()) + sum(_account(name).post_event.values()) for name in ("odin_sdsp", "stdp")}
    return 100 * (1 - pair["odin_sdsp"] / pair["stdp"])


def memory_of_traces(name: str) -> float:
    """Return the bits beyond the weights that a rule needs at 256 x 256 synapses, in kB, of 32-bit numbers."""
    return (_account(name).bits_float32 - 32 * N * N) / 8192


CLAIMS = (
    Claim("SDSP", "operations of a spike pair saved against STDP", None, "%", SOURCE, compute=operations_saved, command=COMMAND),
    Claim("SDSP", "memory beside the weights", None, "kB", SOURCE, compute=lambda: memory_of_traces("odin_sdsp"), command=COMMAND),
    Claim("STDP", "memory beside the weights", None, "kB", SOURCE, compute=lambda: memory_of_traces("stdp"), command=COMMAND),
)
