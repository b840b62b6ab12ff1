"""
Learning without weight transport
=================================

Backpropagation reads the forward weights backwards, which no synapse can do. Four rules do without it: what they learn on scikit-learn's
8 x 8 digits in ten epochs, and how far their signals point from the exact gradient.
"""

from matplotlib import pyplot as plt

import brian2chip as bc
from brian2chip.learning.layered.compare import compare

found = compare(bc.get("layered_task", "digits"), ["bp", "fa", "dfa", "drtp", "shallow"], epochs=10)
print(found.table[["rule", "test_accuracy", "angle_1_deg"]].to_string(index=False))

_, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
for rule, history in found.histories.items():
    left.plot(history["epoch"], 100 * history["test_error"], label=rule)
left.set(xlabel="epoch", ylabel="held-out error (%)", ylim=0)
left.legend(frameon=False)
right.bar(found.table["rule"], found.table["angle_1_deg"])
right.axhline(90, color="grey", lw=0.8, ls="--")
right.set(ylabel="angle to the gradient (degrees)")
plt.show()
