"""SDSP of the ODIN chip: 3-bit weights, up and down flags from membrane and calcium of the postsynaptic neuron, bistability."""

from __future__ import annotations

import numpy as np
from brian2.units import ms

from brian2chip.chips.odin.neuron import ODIN_LIF
from brian2chip.core.rule import Rule

#: Change of a weight code w (0 to 7) at a presynaptic event.
STEP = "up_post * int(w < 7) * (1 - down_post * int(w == 0)) - (1 - up_post) * down_post * int(w > 0)"
#: Change of a weight code at a bistability event.
DRIFT = "int(w >= 4) * int(w < 7) - int(w < 4) * int(w > 0)"


def event_by_event(pre, post, p, initial):
    """Return w after the last event, for a neuron that fires ``post`` under its teacher; all in SI.

    From the chip's specification, with the neuron's default parameters: time references and bistability come before spikes of the
    same instant, a presynaptic spike sees the flags as the neuron left them.
    """
    q = {name: float(np.asarray(value)) for name, value in ODIN_LIF.parameters.items()}
    V, Ca, count, w = 0, 0, 0, int(initial["w"])
    end = max([*pre, *post], default=0.0) + 1e-9
    events = [(k * q["tref"], 0) for k in range(int(end / q["tref"]) + 1)]
    events += [(k * p["bistability"], 1) for k in range(int(end / p["bistability"]) + 1)]
    events += [(t, 2) for t in pre] + [(t - q["pulse"], 3) for t in post if t > q["pulse"]] + [(t, 4) for t in post]
    for _, kind in sorted((round(t, 9), kind) for t, kind in events):
        if kind == 0:
            V = max(0, V - q["leak_str"]) if q["leak_en"] else V
            pulse = q["ca_leak"] and count == q["ca_leak"] - 1
            count = 0 if pulse else count + bool(q["ca_leak"])
            Ca = max(0, Ca - 1) if pulse else Ca
        elif kind == 1 and p["mapped"]:
            w = min(7, w + 1) if w >= 4 else max(0, w - 1)
        elif kind == 2 and p["mapped"]:
            if V >= q["thetamem"] and q["theta1"] <= Ca < q["theta3"]:
                w = min(7, w + 1)
            elif V < q["thetamem"] and q["theta1"] <= Ca < q["theta2"]:
                w = max(0, w - 1)
        elif kind == 3:
            V = q["v_pulse"]
        elif kind == 4:
            V, Ca = 0, min(7, Ca + 1)
    return {"w": w}


ODIN_SDSP = Rule(
    name="odin_sdsp",
    source="ODIN's digital SDSP (Frenkel et al. 2019, IEEE TBioCAS 13:145; documentation and RTL)",
    model="w : integer",
    on_pre=f"w = w + mapped * ({STEP})",
    regular=((f"w = w + mapped * ({DRIFT})", "bistability"),),
    # The period of the bistability events is ours; on the chip it is whatever the input sends.
    parameters={"mapped": 1, "bistability": 100 * ms},
    bounds={"mapped": (0, 1), "bistability": (0.1 * ms, None)},
    initial={"w": [0, 7]},
    weight="w/7.0",
    convention="Changes at presynaptic spikes by the flags that the neuron's last update left; a firing neuron leaves its reset membrane.",
    post="odin_lif",
    devices=("numpy", "cython", "cpp_standalone"),
    oracle=event_by_event,
)
