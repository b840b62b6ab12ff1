"""
An experiment of your own
=========================

A table of pairings becomes an experiment: the rule's changes over the points, and the amplitudes that fit them. The points are invented.
"""

import tempfile
from pathlib import Path

from matplotlib import pyplot as plt

import brian2chip as bc

table = Path(tempfile.mkdtemp()) / "mine.csv"
table.write_text("dt_ms,rate_hz,pairs,dw,sem,n\n10,1,60,0.45,0.1,8\n25,1,60,0.2,0.1,7\n-10,1,60,-0.2,0.1,8\n-25,1,60,-0.1,0.1,7\n")
mine = bc.Protocol.from_csv(table)
bc.plot(bc.run(mine, "stdp"), ax=plt.figure(layout="constrained").add_subplot())
print(bc.fit(mine, "stdp", free=["A_plus", "A_minus"]).table().to_string(index=False))
plt.show()
