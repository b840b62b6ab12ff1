"""Calcium-based plasticity of a bistable synapse, with noise; the set DP."""

from brian2 import ms, second

from brian2chip import Rule

GRAUPNER_BRUNEL_2012 = Rule(
    name="own_calcium_and_noise",
    source="Graupner & Brunel 2012, PNAS 109:3991, eqs 1-2; set DP of the authors' synapticChange.py (CalciumBasedPlasticityModel)",
    model="""
        dc/dt = -c/tau_Ca : 1 (clock-driven)
        drho/dt = (-rho*(1 - rho)*(rho_star - rho) + gamma_p*(1 - rho)*up - gamma_d*rho*down
                   + sigma*sqrt(tau)*sqrt(up + down)*noise)/tau : 1 (clock-driven)
        up = int(c > theta_p) : 1
        down = int(c > theta_d) : 1
        noise = randn()/sqrt(dt) : Hz**0.5 (constant over dt)
    """,
    on_pre={"calcium": "c += C_1"},
    on_post="c += C_2",
    delay={"calcium": 13.7 * ms},
    parameters={
        "tau": 150 * second,
        "tau_Ca": 20 * ms,
        "rho_star": 0.5,
        "C_1": 1.0,
        "C_2": 2.0,
        "theta_p": 1.3,
        "theta_d": 1.0,
        "gamma_p": 321.808,
        "gamma_d": 200.0,
        "sigma": 2.8284,
        "b": 5.0,
    },
    initial={"rho": [0.0, 1.0]},
    weight="1 + (b - 1)*rho",
    convention="dt = t_post - t_pre; half of the synapses start in each of the two states.",
)
