"""
One fit to three experiments
============================

One time constant for all of them, amplitudes for each, and what the data say about every parameter. The third experiment is invented.
"""

import tempfile
from pathlib import Path

from matplotlib import pyplot as plt

import brian2chip as bc

mine = Path(tempfile.mkdtemp()) / "mine.csv"
mine.write_text("dt_ms,rate_hz,pairs,dw,sem\n10,1,60,0.25,0.1\n25,1,60,0.15,0.1\n-10,1,60,-0.1,0.1\n10,20,60,0.6,0.1\n-10,20,60,0.3,0.1\n")
amplitudes = ["A2_plus", "A3_plus", "A2_minus"]
experiments = ["sjostrom_2001", "wang_2005", mine]
fitted = bc.fit(experiments, "triplet:hippocampus_all_minimal", free=[*amplitudes, "tau_y"], separate=amplitudes)
print(fitted.table().to_string(index=False), fitted.criteria(), fitted.statement, sep="\n")

found = fitted.table()
_, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.errorbar(found["value"], found["parameter"], xerr=found["standard_error"], fmt="o")
ax.set(xscale="log", xlabel="value (SI)")
plt.show()
