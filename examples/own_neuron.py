"""
A voltage rule on your own neuron
=================================

A voltage-based rule after Clopath et al. (2010) on an AdEx neuron with two filtered voltages, through the pairings of Sjöström
et al. (2001).
"""

from dataclasses import replace

from brian2 import ms, mV
from matplotlib import pyplot as plt

import brian2chip as bc

adex, LOW_PASSED = bc.model("adex"), "\ndu_m/dt = (v - u_m)/(10*ms) : volt\ndu_p/dt = (v - u_p)/(7*ms) : volt"
mine = replace(adex, name="mine", equations=adex.equations + LOW_PASSED, initial={name: -70.6 * mV for name in ("v", "u_m", "u_p")})
UP = "dw/dt = A_p*x*clip(v_post - high, 0*mV, 1*volt)*clip(u_p_post - low, 0*mV, 1*volt) : 1 (clock-driven)"
code = {"model": f"dx/dt = -x/(15*ms) : 1 (clock-driven)\n{UP}", "on_pre": "w -= A_m*clip(u_m_post - low, 0*mV, 1*volt); x += 1"}
sizes = {"A_p": 8e-5 / mV**2 / (15 * ms), "A_m": 14e-5 / mV, "low": -70.6 * mV, "high": -45.3 * mV}
voltage = bc.Rule(name="voltage", source="Clopath et al. 2010, Nat Neurosci 13:344", **code, parameters=sizes)
table = bc.run("sjostrom_2001", voltage, post=mine, drive=bc.VoltageStep(33 * mV, 2 * ms), record=["w", "v"])
print(table[["rate_hz", "dt_ms", "dw", "data_dw"]].to_string(index=False))
bc.plot(table, ax=plt.figure(layout="constrained").add_subplot())
plt.show()
