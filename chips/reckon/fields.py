"""ReckOn's registers and memory words as lists of fields; configuration, checks and packing follow from them."""

from __future__ import annotations

from brian2chip.chips.field import Field

SOURCE = "ReckOn RTL, release 1.0: configuration registers and memory maps"


def _register(name: str, address: int, bits: int, default: int = 0, signed: bool = False, meaning: str = "", **more) -> Field:
    return Field(name=name, bits=bits, word=str(address), default=default, signed=signed, meaning=meaning, source=SOURCE, **more)


#: ``word`` is the SPI address, ``default`` the value after reset (0 where the hardware has none).
REGISTERS = (
    _register("EN_CONF", 0, 1, 1, meaning="SPI access to memories and seeds"),
    _register("RO_STAGE_SEL", 1, 9, meaning="unused in this release"),
    _register("GET_CLKINT_OUT", 2, 1, meaning="clock monitor on MISO"),
    _register("GET_TAR_REQ_OUT", 3, 1, 1, meaning="target request on MISO"),
    _register("RST_MODE", 8, 1, meaning="1: reset to 0; 0: subtract the threshold"),
    _register("DO_EPROP", 9, 3, 7, meaning="learn input (bit 0), recurrent (bit 1) and output (bit 2) weights"),
    _register("LOCAL_TICK", 10, 1, meaning="ticks made on the chip"),
    _register("ERROR_HALT", 11, 1, 1, meaning="stop at a tick that comes too early"),
    _register("FP_LOC_WINP", 12, 3, meaning="left shift of the input weights"),
    _register("FP_LOC_WREC", 13, 3, meaning="left shift of the recurrent weights"),
    _register("FP_LOC_WOUT", 14, 3, meaning="left shift of the output weights"),
    _register("FP_LOC_TINP", 15, 3, meaning="radix position of the input traces"),
    _register("FP_LOC_TREC", 16, 3, meaning="radix position of the recurrent traces"),
    _register("FP_LOC_TOUT", 17, 3, meaning="radix position of the output traces"),
    _register("LEARN_SIG_SCALE", 18, 4, meaning="left shift of the learning signal"),
    _register("REGUL_MODE", 19, 3, meaning="bit 0 multiplicative, bit 1 additive, bit 2 (with bit 1) also without a target"),
    _register("REGUL_W", 20, 2, meaning="regularise input (bit 0) and recurrent (bit 1) weights"),
    _register("EN_STOCH_ROUND", 21, 1, meaning="stochastic rounding of leaks"),
    _register("SRAM_SPEEDMODE", 22, 8, meaning="memory timing, no effect on results"),
    _register("TIMING_MODE", 23, 1, meaning="function of the pin TIMING_ERROR_RDY"),
    _register("REGRESSION", 25, 1, meaning="targets are numbers, not a class"),
    _register("SINGLE_LABEL", 26, 1, 1, meaning="one label a sample"),
    _register("NO_OUT_ACT", 27, 1, meaning="error of the membrane, without the hard sigmoid"),
    _register("SEND_PER_TIMESTEP", 30, 1, meaning="send the output in every step"),
    _register("SEND_LABEL_ONLY", 31, 1, 1, meaning="1: send the winner; 0: send the output membranes"),
    _register("NOISE_EN", 32, 1, meaning="noise on the membranes"),
    _register("FORCE_TRACES", 33, 1, meaning="update traces without learning too"),
    _register("CYCLES_PER_TICK", 64, 32, meaning="period of local ticks in clock cycles"),
    _register("ALPHA_CONF", 65, 128, meaning="most significant bit of alpha, one a pair of units; four registers, 65 the lowest"),
    _register("KAPPA", 69, 8, 0x7A, scale=2.0**-7, meaning="leak of the outputs and output traces, 128 is 1"),
    *(_register(f"THR_H_{k}", 70 + k, 16, signed=True, meaning="breakpoint of the surrogate derivative") for k in range(4)),
    *(_register(f"H_{k}", 74 + k, 5, signed=True, meaning="value of the surrogate derivative") for k in range(5)),
    _register("LR_R_WINP", 79, 5, meaning="right shift of the update size, input weights"),
    _register("LR_P_WINP", 80, 5, meaning="left shift of the update size, input weights"),
    _register("LR_R_WREC", 81, 5, meaning="right shift of the update size, recurrent weights"),
    _register("LR_P_WREC", 82, 5, meaning="left shift of the update size, recurrent weights"),
    _register("LR_R_WOUT", 83, 5, meaning="right shift of the update size, output weights"),
    _register("LR_P_WOUT", 84, 5, meaning="left shift of the update size, output weights"),
    _register("SEED_INP", 85, 25, 0x0000001, low=1, meaning="shift register of the input weights"),
    _register("SEED_REC", 86, 25, 0x0424242, low=1, meaning="shift register of the recurrent weights"),
    _register("SEED_OUT", 87, 22, 0x000001, low=1, meaning="shift register of the output weights"),
    _register("SEED_STRND_NEUR", 88, 30, 0x1234 | 0x70F0 << 15, meaning="membrane rounding, even units in the low half"),
    _register("SEED_STRND_ONEUR", 89, 15, 0x7ABA, low=1, meaning="output membrane rounding"),
    _register("SEED_STRND_TINP", 90, 30, 0x1348 | 0x7FCF << 15, meaning="input trace rounding"),
    _register("SEED_STRND_TREC", 91, 30, 0x4321 | 0x7BEA << 15, meaning="recurrent trace rounding"),
    _register("SEED_STRND_TOUT", 92, 30, 0x3FF3 | 0x7EF0 << 15, meaning="output trace rounding"),
    _register("SEED_NOISE_NEUR", 93, 17, 0x1F0F1, low=1, meaning="membrane noise"),
    _register("NUM_INP_NEUR", 94, 8, 255, meaning="highest input in use"),
    _register("NUM_REC_NEUR", 95, 8, 255, meaning="highest hidden unit in use"),
    _register("NUM_OUT_NEUR", 96, 4, 15, meaning="highest output in use"),
    _register("REGUL_F0", 98, 12, meaning="rate above which a unit is regularised"),
    _register("REGUL_K_INP_R", 99, 5, meaning="right shift of the additive regulariser, input weights"),
    _register("REGUL_K_INP_P", 100, 5, meaning="left shift of the additive regulariser, input weights"),
    _register("REGUL_K_REC_R", 101, 5, meaning="right shift of the additive regulariser, recurrent weights"),
    _register("REGUL_K_REC_P", 102, 5, meaning="left shift of the additive regulariser, recurrent weights"),
    _register("REGUL_K_MUL", 103, 5, meaning="right shift of the multiplicative regulariser"),
    _register("NOISE_STR", 104, 4, meaning="right shift of the noise"),
)
BY_NAME = {field.name: field for field in REGISTERS}

#: The 128-bit word of a pair of units in the neuron memory; 0 and 1 are the even and the odd unit.
NEURON_WORD = (
    Field("u0", 16, 0, "neuron", signed=True, shared="pair", unit="membrane", meaning="membrane"),
    Field("trace_inp0", 12, 16, "neuron", shared="pair"),
    Field("trace_rec0", 12, 28, "neuron", shared="pair"),
    Field("trace_out0", 10, 40, "neuron", shared="pair"),
    Field("u1", 16, 50, "neuron", signed=True, shared="pair", unit="membrane", meaning="membrane"),
    Field("trace_inp1", 12, 66, "neuron", shared="pair"),
    Field("trace_rec1", 12, 78, "neuron", shared="pair"),
    Field("trace_out1", 10, 90, "neuron", shared="pair"),
    Field("thr", 16, 100, "neuron", signed=True, shared="pair", unit="membrane", meaning="threshold"),
    Field("alpha_low", 12, 116, "neuron", shared="pair", meaning="low bits of alpha; bit w of ALPHA_CONF gives 0x7 or 0x8 above them"),
)
THR, ALPHA_LOW = NEURON_WORD[8:]
ALPHA = Field("alpha", 16, low=0x7000, high=0x8FFF, shared="pair", scale=2.0**-15, default=0x7FEF, meaning="leak of membranes and traces")
WEIGHT = Field("weight", 8, signed=True, shared="synapse", unit="membrane", meaning="synaptic weight")
INPUT, HIDDEN_UNIT, OUTPUT_UNIT = (Field(name, bits) for name, bits in (("input", 8), ("hidden unit", 8), ("output", 4)))
N_INPUT, N_HIDDEN, N_OUTPUT = (f.maximum + 1 for f in (INPUT, HIDDEN_UNIT, OUTPUT_UNIT))
N_PAIRS = N_HIDDEN // 2
