"""Izhikevich's simple model with the cell types of its 2003 paper."""

from brian2chip.core.model import Model

# Plain numbers, as in the paper: v is in millivolts and time in milliseconds.
IZHIKEVICH = Model(
    name="izhikevich",
    source="Izhikevich 2003, IEEE Trans Neural Netw 14:1569, eqs 1-3 and Fig 2",
    equations="""
    dv/dt = (0.04*v**2 + 5*v + 140 - u + I)/ms : 1
    du/dt = a*(b*v - u)/ms : 1
    I : 1
    """,
    threshold="v >= 30",
    reset="v = c; u += d",
    method="euler",
    initial={"v": -65.0, "u": -13.0},
    parameters={"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0},
    presets={
        "RS": {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0},
        "IB": {"a": 0.02, "b": 0.2, "c": -55.0, "d": 4.0},
        "CH": {"a": 0.02, "b": 0.2, "c": -50.0, "d": 2.0},
        "FS": {"a": 0.1, "b": 0.2, "c": -65.0, "d": 2.0},
        "LTS": {"a": 0.02, "b": 0.25, "c": -65.0, "d": 2.0},
    },
)
