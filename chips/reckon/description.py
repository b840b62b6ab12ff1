"""ReckOn: a spiking recurrent network processor of 256 units with on-chip e-prop learning (Frenkel and Indiveri 2022), bit for bit."""

from brian2chip.chips import limits
from brian2chip.chips.chip import Backend, Chip, LeakLaw
from brian2chip.chips.reckon import constraints, costs, files, mapped_run
from brian2chip.chips.reckon.fields import ALPHA, N_HIDDEN, N_INPUT, N_OUTPUT, NEURON_WORD, REGISTERS, SOURCE, WEIGHT
from brian2chip.chips.reckon.fine_tuning import fine_tune
from brian2chip.chips.reckon.mapping import place
from brian2chip.chips.reckon.placed_network import PlacedNetwork
from brian2chip.chips.reckon.replay import REPLAY
from brian2chip.chips.reckon.training import train

RECKON = Chip(
    name="reckon",
    source=SOURCE,
    verified="bit-exact emulator, checked against traces of the open-source RTL",
    fields=(*REGISTERS, *NEURON_WORD, ALPHA, WEIGHT),
    roles={"weight": "weight", "weight_exponent": "FP_LOC_WREC", "v_threshold": "thr"},
    kinds=("lif", "if", "li"),
    resets=("subtract", "zero"),
    leak=LeakLaw("alpha", "exponential", value=lambda factor: factor, factor=lambda value: value),
    readout_leak=LeakLaw("KAPPA", "exponential", value=lambda factor: factor, factor=lambda value: value),
    constraints=(
        limits.inputs(N_INPUT),
        limits.neurons(N_HIDDEN),
        limits.outputs(N_OUTPUT),
        constraints.inputs_hidden_units_and_readout,
        constraints.connections,
        constraints.one_reset,
        constraints.one_readout_leak,
        constraints.readout_with_memory,
    ),
    energy={"synaptic operation at 0.5 V": (5.3e-12, "published figure of the 28 nm chip")},
    backend=Backend(
        configuration=PlacedNetwork,
        version=1,
        place=place,
        emulate=mapped_run.emulate,
        write=mapped_run.write,
        read=files.read,
        replay=REPLAY,
        train=train,
        fine_tune=fine_tune,
        images=costs.images,
        costs=costs.costs,
    ),
)
