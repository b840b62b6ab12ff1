"""Calcium-based plasticity of Graupner & Brunel 2012: a bistable synapse that calcium drives up or down, with noise."""

import numpy as np
from brian2.units import ms, second
from scipy.integrate import solve_ivp

from brian2chip.core.rule import Rule


def event_by_event(pre, post, p, initial, end=None):
    """Return c and rho at ``end`` (after the last event, when calcium is below both thresholds, by default) without noise, in SI.

    The paper's equations are integrated from each jump of calcium, and each crossing of a threshold, to the next.
    """
    jumps = sorted([(t + p["D"], p["Cpre"]) for t in pre] + [(t, p["Cpost"]) for t in post])
    c, rho, now = float(initial.get("c", 0.0)), float(initial["rho"]), 0.0
    lowest = min(p["theta_p"], p["theta_d"])
    total = c + sum(size for _, size in jumps)
    end = jumps[-1][0] + p["tau_Ca"] * max(np.log(total / lowest), 0.0) if end is None else end
    for t, size in [*jumps, (end, 0.0)]:
        falls = [now + p["tau_Ca"] * np.log(c / theta) for theta in (p["theta_p"], p["theta_d"]) if c > theta]
        for until in sorted([*(f for f in falls if f < t), t]):
            middle = c * np.exp(-((now + until) / 2 - now) / p["tau_Ca"])
            up, down = p["gamma_p"] * (middle > p["theta_p"]), p["gamma_d"] * (middle > p["theta_d"])
            slope = lambda _, r, up=up, down=down: (-r * (1 - r) * (0.5 - r) + up * (1 - r) - down * r) / p["tau"]  # noqa: E731
            if until > now:
                rho = float(solve_ivp(slope, (now, until), [rho], rtol=1e-12, atol=1e-14).y[0, -1])
                c, now = c * np.exp(-(until - now) / p["tau_Ca"]), until
        c += size
    return {"c": c, "rho": rho}


def well(time: str, k: int) -> str:
    """Return the line that moves rho in the double well alone for some time: tau*d(rho)/dt = -rho*(1 - rho)*(1/2 - rho), exactly."""
    return f"grown_{k} = exp({time}/(2*tau)) - 1; rho = 0.5 + (rho - 0.5)*sqrt((grown_{k} + 1)/(1 + 4*grown_{k}*(rho - 0.5)**2))"


def driven(time: str, up: str, down: str, k: int) -> str:
    """Return the lines in which calcium and noise alone drive rho for some time; ``up`` and ``down`` say which thresholds calcium is above.

    tau*d(rho)/dt = gamma_p*(1 - rho)*up - gamma_d*rho*down + sigma*sqrt(tau)*sqrt(up + down)*xi: an Ornstein-Uhlenbeck process, exactly.
    """
    return f"""
        Gt_{k} = (gamma_p*{up} + gamma_d*{down})*{time}/tau
        noise_{k} = sigma*sqrt(({up} + {down})*{time}/tau*exprel(-2*Gt_{k}))*randn()
        rho = rho*exp(-Gt_{k}) + gamma_p*{up}*{time}/tau*exprel(-Gt_{k}) + noise_{k}"""


#: What has happened since the last event. Calcium decays from there: first it may be above both thresholds, then above one, then below
#: both. In each part the noise and the calcium's pull are solved exactly between two halves of the double well's (Strang's splitting,
#: whose error is below 1e-6 of rho in a whole experiment); below both thresholds the well is all there is.
ADVANCE = f"""
        span = t - t_last
        above_p = clip(tau_Ca*log(clip(c/theta_p, 1, inf)), 0*second, span)
        above_d = clip(tau_Ca*log(clip(c/theta_d, 1, inf)), 0*second, span)
        both = clip(above_p, 0*second, above_d)
        one = above_p + above_d - 2*both
        alone_p = int(above_p > above_d)
        {well("both/2", 1)}
        {driven("both", "1", "1", 1)}
        {well("(both + one)/2", 2)}
        {driven("one", "alone_p", "(1 - alone_p)", 2)}
        {well("(span - both - one/2)", 3)}
        c = c*exp(-span/tau_Ca)
        t_last = t
"""

#: Equation, table or program: see ``source``. The delay D lies on a grid of 0.1 ms: 18.8008 and 4.6098 ms are published.
SETS = {
    "DP": {"Cpre": 1.0, "Cpost": 2.0, "gamma_d": 200.0, "gamma_p": 321.808, "sigma": 2.8284, "D": 13.7 * ms},
    "DPD": {"Cpre": 0.9, "Cpost": 0.9, "gamma_d": 250.0, "gamma_p": 550.0, "sigma": 2.8284, "D": 4.6 * ms},
    "DPD_prime": {"Cpre": 1.0, "Cpost": 2.0, "theta_p": 2.5, "gamma_d": 50.0, "gamma_p": 600.0, "sigma": 2.8284, "D": 2.2 * ms},
    "P": {"Cpre": 2.0, "Cpost": 2.0, "gamma_d": 160.0, "gamma_p": 257.447, "sigma": 2.8284, "D": 0 * ms},
    "D": {"Cpre": 0.6, "Cpost": 0.6, "gamma_d": 500.0, "gamma_p": 550.0, "sigma": 5.6568, "D": 0 * ms},
    "D_prime": {"Cpre": 1.0, "Cpost": 2.0, "theta_p": 3.5, "gamma_d": 60.0, "gamma_p": 600.0, "sigma": 2.8284, "D": 0 * ms},
    "hippocampal_slices": {
        "tau_Ca": 48.8373 * ms,
        "Cpre": 1.0,
        "Cpost": 0.275865,
        "gamma_d": 313.0965,
        "gamma_p": 1645.59,
        "sigma": 9.1844,
        "tau": 688.355 * second,
        "D": 18.8 * ms,
        "b": 5.28145,
        "rho": [0.0] * 7 + [1.0] * 3,
    },
    "hippocampal_cultures": {
        "tau_Ca": 11.9536 * ms,
        "Cpre": 0.58156,
        "Cpost": 1.76444,
        "gamma_d": 61.141,
        "gamma_p": 113.6545,
        "sigma": 2.5654,
        "tau": 33.7596 * second,
        "D": 10.0 * ms,
        "b": 36.0263,
    },
    "cortical_slices": {
        "tau_Ca": 22.6936 * ms,
        "Cpre": 0.5617539,
        "Cpost": 1.23964,
        "gamma_d": 331.909,
        "gamma_p": 725.085,
        "sigma": 3.3501,
        "tau": 346.3615 * second,
        "D": 4.6 * ms,
        "b": 5.40988,
    },
}

GRAUPNER_BRUNEL = Rule(
    name="graupner_brunel",
    source="Graupner & Brunel 2012, PNAS 109:3991, eqs 1-2; sets of the authors' synapticChange.py (CalciumBasedPlasticityModel)",
    model="""
        c : 1             # calcium after the last event: dc/dt = -c/tau_Ca
        rho : 1           # efficacy; tau*d(rho)/dt = -rho*(1 - rho)*(1/2 - rho) + gamma_p*(1 - rho)*int(c > theta_p)
                          #    - gamma_d*rho*int(c > theta_d) + sigma*sqrt(tau)*sqrt(int(c > theta_p) + int(c > theta_d))*xi
        t_last : second   # last event
    """,
    # Where calcium is below both thresholds, most of the time, no noise is drawn. What the last spikes began is finished 0.3 s later.
    on_pre={"calcium": f"{ADVANCE}\nc += Cpre", "rest": ADVANCE},
    on_post={"calcium_post": f"{ADVANCE}\nc += Cpost", "rest_post": ADVANCE},
    delay={"calcium": "D", "rest": "settled", "rest_post": "settled"},
    parameters={
        "tau": 150 * second,
        "tau_Ca": 20 * ms,
        "theta_d": 1.0,
        "theta_p": 1.3,
        "gamma_d": 200.0,
        "gamma_p": 321.808,
        "sigma": 2.8284,
        "Cpre": 1.0,
        "Cpost": 2.0,
        "D": 13.7 * ms,
        "b": 5.0,
        "settled": 300 * ms,
    },
    bounds={
        "tau": (0.01 * second, None),
        "tau_Ca": (0.1 * ms, 100 * ms),
        "theta_d": (1e-6, None),
        "theta_p": (1e-6, None),
        "gamma_d": (0, None),
        "gamma_p": (0, None),
        "sigma": (0, None),
        "Cpre": (0, None),
        "Cpost": (0, None),
        "D": (0 * ms, 200 * ms),
        "b": (1e-6, None),
        "settled": (100 * ms, None),
    },
    initial={"rho": [0.0, 1.0]},
    # Long after the experiment a synapse is in the upper or the lower state.
    weight="1 + (b - 1)*int(rho > 0.5)",
    convention="dt = t_post - t_pre; presynaptic calcium comes D after its spike; half of the synapses (in slices 7 of 10) start low.",
    devices=("numpy", "cython", "cpp_standalone"),
    presets=SETS,
    tissue={"hippocampal_slices": "hippocampus", "hippocampal_cultures": "hippocampus"},
    oracle=event_by_event,
)
