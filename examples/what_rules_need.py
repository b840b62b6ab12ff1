"""
What a rule needs
=================

Operations at a spike and memory besides the weights, computed from the equations of each rule: what a circuit would have to do and store.
"""

from matplotlib import pyplot as plt

import brian2chip as bc
from brian2chip.analysis.locality import account_table

names = ("sdsp", "odin_sdsp", "stdp", "triplet", "vogels_sprekeler", "stdp_power_law", "jonke")
table = account_table([bc.rule(name) for name in names]).set_index("rule")
print(table[["local_in_space", "local_in_time", "memory_beyond_weight_growth"]].to_string())

pre, post = (table[f"{side}_event_at_synapse_operations"] for side in ("pre", "post"))
_, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
ax.barh(table.index, pre, label="presynaptic spike")
ax.barh(table.index, post, left=pre, label="postsynaptic spike")
ax.set(xlabel="arithmetic operations of a synapse")
ax.legend(frameon=False)
plt.show()
