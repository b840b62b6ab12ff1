"""An experiment of your own from a table of pairings: the rule's changes over your points, and the amplitudes that fit them.

python examples/own_experiment.py [mine.csv]
"""

import sys
from pathlib import Path

import brian2chip as bc

table = Path(sys.argv[1] if len(sys.argv) > 1 else "mine.csv")
if not table.exists():
    table.write_text("dt_ms,rate_hz,pairs,dw,sem,n\n10,1,60,0.45,0.1,8\n25,1,60,0.2,0.1,7\n-10,1,60,-0.2,0.1,8\n-25,1,60,-0.1,0.1,7\n")
mine = bc.Protocol.from_csv(table)
bc.plot(bc.run(mine, "stdp")).figure.savefig(table.with_suffix(".png"))
print(bc.fit(mine, "stdp", free=["A_plus", "A_minus"]).table().to_string(index=False))
