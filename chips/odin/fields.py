"""Every field of ODIN: neuron words (both models), synapse nibble, configuration registers."""

from __future__ import annotations

from brian2chip.chips.field import MEMBRANE, Field

SOURCE = "ODIN documentation and RTL (Frenkel et al. 2019, IEEE TBioCAS 13:145)"


def _neuron(word: str, table: str, membrane: tuple[str, ...] = ()) -> tuple[Field, ...]:
    """Return the fields of a table; those named in ``membrane`` are in units of the membrane."""
    rows = (line.split(None, 3) for line in table.strip().splitlines())
    common = dict(word=word, shared="neuron", source=SOURCE)
    return tuple(
        Field(name, int(bits), lsb=int(lsb), unit=MEMBRANE if name in membrane else "", meaning=meaning, **common)
        for name, lsb, bits, meaning in rows
    )


#: name, least significant bit, bits, meaning
LIF = _neuron(
    "lif",
    """
    lif         0 1 model: 1 is leaky integrate-and-fire
    leak_str    1 7 leakage per time reference
    leak_en     8 1 leakage enable
    thr         9 8 firing threshold
    ca_en      17 1 calcium (SDSP) enable
    thetamem   18 8 membrane threshold of SDSP
    theta1     26 3 calcium threshold 1
    theta2     29 3 calcium threshold 2
    theta3     32 3 calcium threshold 3
    ca_leak    35 5 time references per calcium decrement, 0 is off
    V          70 8 membrane potential
    Ca         78 3 calcium
    cacnt      81 5 calcium leakage counter
    disable   127 1 no output spikes
    """,
    membrane=("leak_str", "thr", "thetamem", "V"),
)
IZHIKEVICH = _neuron(
    "izhikevich",
    """
    lif               0 1 model: 0 is phenomenological Izhikevich
    leak_str          1 7 leakage of the accumulator per time reference
    leak_en           8 1 leakage enable
    fi_sel            9 3 accumulator depth: a carry every 8 * 2**fi_sel units
    spk_ref          12 3 further spikes of a burst
    isi_ref          15 3 inter-spike interval of a burst minus one
    reson_sharp_en   18 1 sharp resonance enable
    thr              19 3 firing threshold
    rfr              22 3 reset depth, refractory period
    dapdel           25 3 delay of spike latency or after-potential
    spklat_en        28 1 spike latency enable
    dap_en           29 1 depolarising after-potential enable
    stim_thr         30 3 threshold of the stimulation monitor
    phasic_en        33 1 phasic behaviour enable
    mixed_en         34 1 mixed mode enable
    class2_en        35 1 class 2 excitability enable
    neg_en           36 1 negative membrane enable
    rebound_en       37 1 rebound enable
    inhin_en         38 1 inhibition-induced behaviour enable
    bist_en          39 1 bistability enable
    reson_en         40 1 resonance enable
    thrvar_en        41 1 threshold variability enable
    thr_sel_of       42 1 threshold moves on output spikes (1) or carries (0)
    thrleak          43 4 time references per step of the threshold's return
    acc_en           47 1 accommodation enable
    ca_en            48 1 calcium (SDSP) enable
    thetamem         49 3 membrane threshold of SDSP
    theta1           52 3 calcium threshold 1
    theta2           55 3 calcium threshold 2
    theta3           58 3 calcium threshold 3
    ca_leak          61 5 time references per calcium decrement, 0 is off
    burst_incr       66 1 calcium and threshold count the spikes of a burst
    reson_sharp_amt  67 3 time constant of sharp resonance
    inacc            70 11 input accumulator
    refrac           81 1 refractory
    core             82 4 membrane potential, two's complement
    dapcnt           86 3 delay counter
    ss               89 4 stimulation strength of the last interval, two's complement
    st               93 4 stimulation strength of this interval, two's complement
    plock            97 1 phasic lock
    mlock            98 1 mixed-mode lock
    done             99 1 a spike in this interval
    stim0           100 2 stimulated in the last two intervals
    inhexc          102 2 last interval was inhibitory, excitatory
    block           104 1 bistability lock
    ilock           105 1 inhibition-induced lock
    rsign           106 2 phase of the resonance
    thrmod          108 4 threshold change, two's complement
    thrlcnt         112 4 threshold leakage counter
    Ca              116 3 calcium
    cacnt           119 5 calcium leakage counter
    bulock          124 1 burst under way
    disable         127 1 no output spikes
    """,
)
SYNAPSE = (
    Field("w", 3, lsb=0, word="synapse", shared="synapse", unit=MEMBRANE, meaning="weight", source=SOURCE),
    Field("mapped", 1, lsb=3, word="synapse", shared="synapse", meaning="mapping bit", source=SOURCE),
)


def _register(name: str, address: int, bits: int, meaning: str, **more) -> Field:
    return Field(name, bits, lsb=address, word="register", meaning=meaning, source=SOURCE, **more)


#: ``lsb`` is the SPI register address; SYN_SIGN takes the sixteen addresses from 2 on.
REGISTERS = (
    _register("open_loop", 1, 1, "local spikes are not fed back", default=1),
    _register("burst_timeref", 18, 20, "clock cycles per burst time step minus one, 0 switches bursts off"),
    _register("aer_src_ctrl_nneur", 19, 1, "the output link sends swept events (1) or neuron spikes (0)"),
    _register("out_aer_monitor_en", 20, 1, "the output link sends the monitored neuron and synapse"),
    _register("monitor_neur_addr", 21, 8, "monitored (postsynaptic) neuron"),
    _register("monitor_syn_addr", 22, 8, "presynaptic neuron of the monitored synapse"),
    _register("update_unmapped_syn", 23, 1, "SDSP changes unmapped synapses too"),
    _register("propagate_unmapped_syn", 24, 1, "unmapped synapses transmit"),
    _register("sdsp_on_syn_stim", 25, 1, "SDSP at single-synapse events"),
)
SYN_SIGN = Field("syn_sign", 1, lsb=2, word="register", shared="pre", meaning="1: the presynaptic neuron is inhibitory", source=SOURCE)
GATE_ACTIVITY = Field("gate_activity", 1, lsb=0, word="register", meaning="1: memories may be programmed, the chip is idle", source=SOURCE)
