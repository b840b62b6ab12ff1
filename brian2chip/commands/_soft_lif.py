"""Soft-LIF neurons as ``train`` takes them, and what LIF neurons make of what was learned."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from brian2chip.commands import _shared
from brian2chip.errors import UserError


def asked(args: Namespace) -> tuple[dict, tuple]:
    """Return the neurons that a command line asks for, as train takes them, and when their output is read."""
    from brian2chip.core.quantities import parse_value  # Brian2: see the package's docstring
    from brian2chip.core.soft_lif_config import SoftLif
    from brian2chip.learning.conversion.convert import check_window

    if args.neurons is None:
        _shared.refuse(args, ("noise", "window"), "goes with --neurons soft_lif")
        return {}, ()
    noisy = args.neurons == "soft_lif" and args.noise is not None
    window = tuple(parse_value(text) for text in args.window or ())
    check_window(*window)
    return {"neurons": SoftLif(noise=args.noise) if noisy else args.neurons}, window


def report(args: Namespace, result, window: tuple) -> None:
    """Print what LIF neurons make of the held-out samples, and write the spiking network where it is small enough."""
    from brian2chip.learning.conversion.convert import convert

    converted, test = convert(result), result.task.samples(args.data)["test"]
    found = converted.evaluate(test, *window, device=args.device)
    print(found.layers.to_string(index=False, formatters={"rate_hz": "{:.1f}".format}))
    read = f"read from {1e3 * found.t_c:g} to {1e3 * found.t_p:g} ms"
    print(f"LIF neurons, {read}: held-out error {100 * found.error:.2f} %, efficiency {found.efficiency.ratio:.2f}")
    if args.out:
        try:
            converted.network(test).save(Path(args.out) / "spiking.npz")
        except UserError as error:
            print(f"spiking.npz was not written: {error}")
