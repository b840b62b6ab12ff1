"""Reward-modulated STDP: spike pairs leave an eligibility trace, which dopamine turns into a change."""

from brian2 import ms

from brian2chip import Rule

IZHIKEVICH_2007 = Rule(
    name="own_reward_modulated",
    source="Izhikevich 2007, Cereb Cortex 17:2443, as Brian2's example frompapers/Izhikevich_2007.py",
    model="""
        dx/dt = -x/tau_plus : 1 (event-driven)
        dy/dt = -y/tau_minus : 1 (event-driven)
        dc/dt = -c/tau_c : 1 (clock-driven)
        dd/dt = -d/tau_d + reward : 1 (clock-driven)
        ds/dt = c*d/tau_s : 1 (clock-driven)
        reward : Hz (shared)
    """,
    on_pre="x += A_plus; c = clip(c + y, -g_max, g_max)",
    on_post="y += A_minus; c = clip(c + x, -g_max, g_max)",
    parameters={
        "tau_plus": 20 * ms,
        "tau_minus": 20 * ms,
        "tau_c": 1000 * ms,
        "tau_d": 200 * ms,
        "tau_s": 1 * ms,
        "A_plus": 0.01 * 0.01,
        "A_minus": -1.05 * 0.01 * 0.01,
        "g_max": 0.01,
    },
    third_factors=("reward",),
    initial={"s": 0.005},
    weight="s",
    convention="A reward is a pulse of `reward` whose area is the dopamine that it adds; dt > 0 and dopamine potentiate.",
)

#: Dopamine that one reward adds.
DOPAMINE = 5e-3
