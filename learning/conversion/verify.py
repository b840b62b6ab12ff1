"""The equations of soft-LIF units, run by Brian2, against tables that were computed with many digits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from brian2 import Network, NeuronGroup

from brian2chip.core.soft_lif_config import CIFAR, SoftLif
from brian2chip.engine.session import session
from brian2chip.learning.conversion.published import table
from brian2chip.models import soft_lif

#: Relative, and of efficiencies that were published with two digits.
TOLERANCE, ROUNDED = 1e-9, 0.01
#: Time constant (s) of the membrane behind the synapse in the table of noise.
MEMBRANE = 0.05


def computed(code: str, wanted: str, given: dict[str, np.ndarray], constants: dict[str, float], device: str = "numpy") -> np.ndarray:
    """Return what a variable is after code of :mod:`brian2chip.models.soft_lif` ran once, from the variables that it is given."""
    declared = "".join(f"{name} : 1\n" for name in ("y", "slope", *given))
    shown = wanted if wanted in ("y", "slope") else "y"
    with session(device, dt=1e-3) as s:
        group = NeuronGroup(len(next(iter(given.values()))), declared, namespace=constants, name="units")
        for name, values in given.items():
            s.input(name, group, name, values)
        group.run_regularly(code if shown == wanted else f"{code}\ny = {wanted}", when="start")
        s.run(Network(group), 1e-3)
        return np.array(getattr(group, shown)[:])


def differences(device: str = "numpy") -> pd.DataFrame:
    """Return the largest relative difference of each table: responses and slopes, units, noise."""
    rows = [{"what": what, "values": len(expected), "difference": float(np.max(np.abs(found / expected - 1)))}
            for what, found, expected in _compared(device)]  # fmt: skip
    return pd.DataFrame(rows)


def _compared(device: str) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    rates = table("rates")
    for (smoothing, tau_rc, tau_ref), of in rates[rates.sigma > 0].groupby(["sigma", "tau_rc_s", "tau_ref_s"]):
        units = SoftLif(amplitude=1.0, tau_ref=tau_ref, tau_rc=tau_rc, gain=1.0, smoothing=smoothing)
        name = f"smoothing {smoothing:g}, tau_rc {1e3 * tau_rc:g} ms, tau_ref {1e3 * tau_ref:g} ms"
        yield from _response(name, units, of.J.to_numpy() - 1, of.rate_hz.to_numpy(), of.drate_dJ.to_numpy(), device)
    for which, units in (("A", CIFAR), ("B", SoftLif())):
        of = table("units").query("set == @which")
        yield from _response(f"units {which}", units, of.x.to_numpy(), of.out.to_numpy(), of.dout_dx.to_numpy(), device)
    for (kind, tau_syn), of in table("noise").groupby(["kind", "tau_s"]):
        code = soft_lif.ALPHA if kind == "alpha" else soft_lif.ALPHA_RC
        given = {"period": of.p.to_numpy(), "since": (of.t_over_p * of.p).to_numpy()}
        found = computed(code, "filtered", given, {"tau_syn": tau_syn, "tau_rc": MEMBRANE}, device)
        yield f"noise {kind}, tau_syn {1e3 * tau_syn:g} ms", found, of.value_hz.to_numpy()


def _response(name: str, units: SoftLif, drive: np.ndarray, output: np.ndarray, slope: np.ndarray, device: str) -> Iterator:
    code, constants = soft_lif.activation(units, "0"), soft_lif.constants(units)
    for what, variable, expected in (("output", "y", output), ("slope", "slope", slope)):
        yield f"{what}, {name}", computed(code, variable, {"z": drive}, constants, device), expected
