"""ReckOn's output units: leaky integrators without threshold, and the winner among them in each tick."""

from __future__ import annotations

from brian2chip.chips.reckon.tick import LOAD_TICK, TICK, TickPhase

EQUATIONS = (
    TICK
    + """
v : integer                         # membrane, 16 bits
wins : integer                      # ticks won
rank : integer
label : integer
error : integer
REGRESSION : integer (shared, constant)
NO_OUT_ACT : integer (shared, constant)
SEND_PER_TIMESTEP : integer (shared, constant)
N_OUT_STEPPED : integer (shared, constant)
window_oneur : integer (shared, constant)
"""
)

EVENTS = {
    "step": ("stepping == 1 and i <= NO", 2),
    "compare": ("stepping == 1 and i <= NO", 3.5),
    "send": ("stepping == 1 and i <= NO and (last == 1 or SEND_PER_TIMESTEP == 1)", 6),
}

LOAD = TickPhase(
    "output",
    None,
    0,
    LOAD_TICK
    + """
v = v*(1 - ticks(t_in_timesteps, 8))
wins = wins*(1 - ticks(t_in_timesteps, 8))
""",
)

STEP = TickPhase(
    "output",
    "step",
    3,
    """
leaked = wrap(asr(v*KAPPA, 7), 16)
r = lfsr(ONEUR, window_oneur, 7*(steps*N_OUT_STEPPED + i), 7)
v = wrap(leaked + int(EN_STOCH_ROUND == 1 and KAPPA != 128 and leaked != 0 and bits(v*KAPPA, 7) >= r), 16)
rank = running_max(BEST, int(i == 0), 16*v + 15 - i)
""",
)

# The largest output wins, the lowest index among equals; in regression the ticks are counted by output 0.
WINNER = TickPhase(
    "output",
    "compare",
    4,
    """
won = int((REGRESSION == 1 and i == 0) or (REGRESSION == 0 and 16*v + 15 - i == total(BEST)))
wins = bits(wins + ticks(t_in_timesteps, 3)*won, 16)
""",
)

PHASES = (LOAD, STEP, WINNER)
