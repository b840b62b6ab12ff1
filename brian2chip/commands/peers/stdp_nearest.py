"""NEST's three synapses of pair STDP between nearest neighbours."""

from brian2chip.commands.peers._spike_pairs import spike_pairs
from brian2chip.commands.peers.stdp import PAIRINGS, SCALE

RESTRICTED = (
    "where spikes meet, stdp_nn_restr_synapse pairs a postsynaptic spike that was paired before, against its own description; those "
    "trains are left out"
)
PEERS = (
    spike_pairs("stdp_nn_symm_synapse", "stdp:nearest", PAIRINGS, SCALE),
    spike_pairs("stdp_nn_pre_centered_synapse", "stdp:nearest_pre_centred", PAIRINGS, SCALE),
    spike_pairs("stdp_nn_restr_synapse", "stdp:nearest_restricted", PAIRINGS, f"{SCALE}; {RESTRICTED}", meeting=False),
)
