"""Run in an environment with nengo-loihi, brian2-loihi and xylosim: what they compute for the cases of ``cuba_cases``.

usage: python cuba_peers.py PEER CASE.npz OUT.npz    (arrays of a trace in, its outputs out)
       python cuba_peers.py record FOLDER            (the traces of tests/golden/loihi and tests/golden/xylo)
"""

import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from cuba_cases import loihi_case, xylo_case
from loihi_oracle import weight


def nengo_loihi(trace):
    """The emulator of nengo-loihi; its input spikes arrive a step later, so that they are given a step early: none in the first."""
    from nengo_loihi.block import Axon, LoihiBlock, Synapse
    from nengo_loihi.builder import Model
    from nengo_loihi.builder.discretize import discretize_model
    from nengo_loihi.emulator import EmulatorInterface
    from nengo_loihi.inputs import SpikeInput
    from nengo_loihi.probe import LoihiProbe

    EmulatorInterface.strict = False  # numbers that leave their range are a warning
    (steps, n_in), n = trace["stimulus"].shape, len(trace["vth"])
    model, block, source = Model(), LoihiBlock(n), SpikeInput(n_in)
    for t in range(1, steps):
        if np.any(trace["stimulus"][t]):
            source.add_spikes(t, np.flatnonzero(trace["stimulus"][t]), permanent=True)
    block.compartment.configure_relu()
    model.add_input(source)
    model.add_block(block)
    synapses = []
    for k, (name, start) in enumerate((("weights_in", source), ("weights_rec", block))):
        synapses.append(Synapse(len(trace[name])))
        synapses[k].set_weights(np.ones(trace[name].shape, np.float32))
        block.add_synapse(synapses[k])
        axon = Axon(len(trace[name]))
        axon.target = synapses[k]
        if start is block:
            axon.set_compartment_axon_map(np.arange(n))
        start.add_axon(axon)
    probes = {name: LoihiProbe(target=block, key=key) for name, key in (("u", "current"), ("v", "voltage"), ("fired", "spiked"))}
    for probe in probes.values():
        model.add_probe(probe)
    discretize_model(model)  # the numbers of a chip are put in place of what it makes of ours
    c = block.compartment
    c.decay_u[:], c.decay_v[:], c.refract_delay[:] = trace["decay_u"], trace["decay_v"], trace["refractory"]
    c.vth[:], c.bias[:] = 64 * trace["vth"], trace["bias_mantissa"] << trace["bias_exponent"]
    c.vmin, c.vmax = -(2**23) + 1, 2**23 - 1
    for synapse, name, exponent in zip(synapses, ("weights_in", "weights_rec"), trace["exponents"].tolist()):
        for row, mantissas in zip(synapse.weights, trace[name].tolist()):
            row[:] = [weight(m, exponent, bool(trace["mixed"])) for m in mantissas]
    with EmulatorInterface(model) as emulator:
        emulator.run_steps(steps)
        return {f"out_{name}": np.array(emulator.collect_probe_output(p)).astype(np.int64) for name, p in probes.items()}


def brian2_loihi(trace):
    """brian2-loihi; its decay of the current counts one more, and its constants are those of the group."""
    import brian2
    from brian2_loihi import (
        LoihiNetwork,
        LoihiNeuronGroup,
        LoihiSpikeGeneratorGroup,
        LoihiSpikeMonitor,
        LoihiStateMonitor,
        LoihiSynapses,
        synapse_sign_mode,
    )

    brian2.prefs.codegen.target = "numpy"
    (steps, n_in), n = trace["stimulus"].shape, len(trace["vth"])
    one = {name: int(trace[name][0]) for name in ("vth", "decay_v", "decay_u", "refractory")}
    group = LoihiNeuronGroup(
        n, refractory=one["refractory"], threshold_v_mant=one["vth"], decay_v=one["decay_v"], decay_I=one["decay_u"] + 1
    )
    t, i = np.nonzero(trace["stimulus"])
    source = LoihiSpikeGeneratorGroup(n_in, i.tolist(), t.tolist())
    mode = synapse_sign_mode.MIXED if trace["mixed"] else synapse_sign_mode.EXCITATORY
    objects = [group, source]
    for name, start, exponent in zip(("weights_in", "weights_rec"), (source, group), trace["exponents"].tolist()):
        synapses = LoihiSynapses(start, group, w_exp=exponent, sign_mode=mode)
        synapses.connect()
        synapses.w = trace[name].ravel()
        objects.append(synapses)
    monitors = [LoihiStateMonitor(group, "I"), LoihiStateMonitor(group, "v"), LoihiSpikeMonitor(group)]
    LoihiNetwork(*objects, *monitors).run(steps)
    fired = np.zeros((steps, n), np.int64)
    fired[np.rint(np.asarray(monitors[2].t)).astype(int), np.asarray(monitors[2].i)] = 1
    u, v = (np.rint(np.asarray(each)).T.astype(np.int64) for each in (monitors[0].I, monitors[1].v))
    return {"out_u": u, "out_v": v, "out_fired": fired}


def xylosim(trace):
    """xylosim, version 2 of the core; of two currents a hidden neuron has, the first is used."""
    from xylosim import v2

    def rows(weights):
        return [[v2.XyloSynapse(j, 0, int(w)) for j, w in enumerate(row)] for row in weights]

    n_hidden, n_out = trace["weights_out"].shape
    synapses = [rows(trace[name]) for name in ("weights_in", "weights_rec", "weights_out")]  # the layer keeps no reference to them
    layer = v2.XyloLayer(
        synapses_in=synapses[0],
        synapses_rec=synapses[1],
        synapses_out=synapses[2],
        aliases=[[] for _ in range(n_hidden)],
        has_bias=True,
        **{
            f"weight_shift_{ours}": int(trace[f"weight_shift_{theirs}"]) for ours, theirs in (("inp", "in"), ("rec", "rec"), ("out", "out"))
        },
        **{f"{name}{end}": trace[f"{name}{end}"].tolist() for name in ("threshold", "bias", "dash_mem") for end in ("", "_out")},
        **{f"dash_syns{end}": [[int(d)] * 2 for d in trace[f"dash_syn{end}"]] for end in ("", "_out")},
        name="",
    )
    layer.evolve(trace["stimulus"].tolist())
    join = lambda a, b: np.concatenate([np.array(a, np.int64), np.array(b, np.int64)], axis=1)  # noqa: E731
    return {
        "out_i_syn": join(np.transpose(layer.rec_i_syn), np.transpose(layer.rec_i_syn_out)),
        "out_v": join(np.transpose(layer.rec_v_mem), np.transpose(layer.rec_v_mem_out)),
        "out_fired": join(layer.rec_recurrent_spikes, layer.rec_out_spikes),
    }


PEERS = {"nengo-loihi": nengo_loihi, "brian2-loihi": brian2_loihi, "xylosim": xylosim}
#: Traces by folder and name: who computes them, of which case.
GOLDEN = {
    ("loihi", "nengo_recurrent"): ("nengo-loihi", loihi_case(1)),
    ("loihi", "nengo_bias_refractory"): ("nengo-loihi", loihi_case(2)),
    ("loihi", "nengo_out_of_range"): ("nengo-loihi", loihi_case(3, extreme=True)),
    ("loihi", "brian2_mixed"): ("brian2-loihi", loihi_case(4, uniform=True)),
    ("loihi", "brian2_excitatory"): ("brian2-loihi", loihi_case(5, uniform=True, mixed=False)),
    ("xylo", "recurrent"): ("xylosim", xylo_case(1)),
    ("xylo", "recurrent_2"): ("xylosim", xylo_case(2)),
    ("xylo", "saturated"): ("xylosim", xylo_case(3, extreme=True)),
}


def record(folder: Path):
    """Write the recorded traces."""
    for (chip, name), (peer, trace) in GOLDEN.items():
        (folder / chip).mkdir(parents=True, exist_ok=True)
        source = np.array(f"{peer} {version(peer)}")
        np.savez_compressed(folder / chip / f"{name}.npz", source=source, **trace, **PEERS[peer](trace))


if __name__ == "__main__":
    if sys.argv[1] == "record":
        record(Path(sys.argv[2]))
    else:
        with np.load(sys.argv[2]) as file:
            np.savez(sys.argv[3], **PEERS[sys.argv[1]](dict(file)))
