"""
A rule on three hundred imperfect chips
=======================================

On each chip, all eight constants of the triplet rule are off by lognormal factors with a spread of 10 %. Two gains, one for potentiation
and one for depression, tuned on every chip, recover nearly all of the fit.
"""

from matplotlib import pyplot as plt

import brian2chip as bc

substrate = bc.substrate("analogue_mismatch").with_parameters(spread=0.1)
table = bc.robustness("triplet:visual_cortex_all_full", substrate, chips=300, protocol="sjostrom_2001")
print(table.groupby("stage")["E"].describe(percentiles=[0.5, 0.95])[["50%", "95%"]])
bc.plot_robustness(table).set_title("the triplet rule on 300 chips")
plt.show()
