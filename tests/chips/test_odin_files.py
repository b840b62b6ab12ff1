"""Files for ODIN and tinyODIN: each is read back to the same configuration; unsafe programming is refused."""

import json
from dataclasses import fields as fields_of
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import odin_oracle
import pytest
from bench_reader import OdinPort
from hypothesis import given, settings
from hypothesis import strategies as st
from test_odin import random_trace

from brian2chip.chips.odin import files as odin
from brian2chip.chips.odin.configuration import Configuration, bytes_of
from brian2chip.chips.odin.flags import settled
from brian2chip.chips.odin.replay import given as odin_given
from brian2chip.chips.odin_family import spi_program as shared
from brian2chip.chips.tinyodin import files as tinyodin
from brian2chip.chips.tinyodin.replay import given as tinyodin_given
from brian2chip.errors import UserError

NEURON = shared.WRITE | shared.NEURON << 16


def random_tinyodin(rng):
    """Return a tinyODIN of random registers, words and synapses, and random events."""
    return tinyodin_given({
        "open_loop": rng.integers(2), "aer_src_ctrl_nneur": rng.integers(2), "max_neur": rng.integers(256),
        "neur_init": rng.integers(0, 1 << 32, 256, dtype=np.uint32), "syn_init": rng.integers(0, 16, (256, 256), dtype=np.uint8),
        "stim_addr": rng.integers(0, 1024, 9), "stim_wait_idle": rng.integers(0, 2, 9),
    })[:2]  # fmt: skip


def random_odin(rng):
    """Return an ODIN of random registers, words and synapses whose flags follow from its words, and random events."""
    configuration, events = odin_given(random_trace(rng, open_loop=int(rng.integers(2))))[:2]
    return settled(configuration), events


MAKE = {
    "odin": (odin, random_odin),
    "tinyodin": (tinyodin, random_tinyodin),
}


@pytest.fixture(params=MAKE)
def chip(request):
    module, make = MAKE[request.param]
    configuration, stimulus = make(np.random.default_rng(3))
    return SimpleNamespace(files=module, make=make, configuration=configuration, stimulus=stimulus)


def same(a, b):
    return all(
        dict(x) == dict(y) if isinstance(x, dict) else np.array_equal(x, y)
        for x, y in ((getattr(a, f.name), getattr(b, f.name)) for f in fields_of(a))
    )


def test_folder_reads_back(tmp_path, chip):
    chip.files.write(tmp_path, chip.configuration, chip.stimulus)
    again, events = chip.files.read(tmp_path)
    assert same(again, chip.configuration) and type(again) is type(chip.configuration)
    np.testing.assert_array_equal(events, chip.stimulus)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), which=st.sampled_from(sorted(MAKE)))
def test_any_configuration_survives_its_transactions(seed, which):
    module, make = MAKE[which]
    configuration, _ = make(np.random.default_rng(seed))
    for pairs in (module.spi_transactions(configuration), module.sparse_transactions(configuration)):
        assert same(module.program(pairs), configuration)


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), fill=st.integers(0, 255))
def test_any_memory_may_be_there_before(seed, fill):
    """Both models of neurons, flags computed by the oracle at every write: SPEC section 8. The sparse program needs the clear before it."""
    configuration, _ = random_odin(np.random.default_rng(seed))
    clear = shared.clear(16)
    for programs in ([odin.spi_transactions(configuration)], [clear, odin.sparse_transactions(configuration)]):
        port = OdinPort(16, fill, flags)
        for address, data in np.concatenate(programs).tolist():
            port.send(address, data)
        assert port.up == configuration.up.tolist() and port.down == configuration.down.tolist()
        assert np.array_equal(port.neurons, bytes_of(configuration.words)) and np.array_equal(port.weights(), configuration.synapses)
        assert port.registers[1] == configuration.registers["open_loop"] and port.registers[0] == 0


def flags(word):
    """SPEC section 8: the flags of an access without input, from the word before a byte is merged."""
    n = odin_oracle.unpack(word)
    access = odin_oracle.lif(n, 0, 0, 0) if n["lif"] else odin_oracle.izh(n, 0, 0, 0, False)
    return access[3], access[4]


def test_memory_layout():
    """SPEC section 1: word pre*32 + post//8, nibble post%8; nibble 0 is bits 3 to 0."""
    synapses = np.zeros((256, 256), np.uint8)
    synapses[3, 17] = 0xB
    words = shared.synapse_words(synapses)
    assert words[3 * 32 + 2] == 0xB0 and np.count_nonzero(words) == 1
    np.testing.assert_array_equal(shared.synapses_of(words), synapses)


def test_order_is_safe(chip):
    """SPEC section 8: gated and open loop before any memory write, and one more transfer after the last."""
    pairs = chip.files.spi_transactions(chip.configuration)
    memory = np.flatnonzero(pairs[:, 0] >> 16 & 3)
    assert pairs[:2].tolist() == [[0, 1], [1, 1]] and memory[0] > 1
    assert pairs[-2:].tolist() == [[1, chip.configuration.registers["open_loop"]], [0, 0]] and memory[-1] == len(pairs) - 3
    with pytest.raises(UserError, match="spurious spike"):
        chip.files.program(np.array([(0, 1), (1, 0), (NEURON, 1)]))
    with pytest.raises(UserError, match="GATE_ACTIVITY is 0"):
        chip.files.program(np.array([(1, 1), (NEURON, 1)]))


def test_masked_write_keeps_bits(chip):
    """SPEC section 8: a mask bit of 1 keeps the bit."""
    address = NEURON | 2 << 8 | 7
    found = chip.files.program(np.array([(0, 1), (1, 1), (address, 0xFF), (address, 0xF0 << 8 | 0x05)]))
    assert found.words[7] == 0xF5 << 16


def test_addresses_of_tinyodin():
    """SPEC section 9: MAX_NEUR is register 3. Documentation, 2.1: neuron byte a[9:8], word a[7:0]; synapse byte a[14:13], word a[12:0]."""
    rng = np.random.default_rng(5)
    configuration, _ = random_tinyodin(rng)
    pairs = dict(tinyodin.spi_transactions(configuration).tolist())
    assert pairs[3] == configuration.registers["max_neur"] and pairs[2] == configuration.registers["aer_src_ctrl_nneur"]
    assert pairs[1 << 18 | 1 << 16 | 3 << 8 | 200] == int(configuration.words[200]) >> 24
    low, high = configuration.synapses[9, 8 * 4 + 2], configuration.synapses[9, 8 * 4 + 3]
    assert pairs[1 << 18 | 2 << 16 | 1 << 13 | 9 * 32 + 4] == low | high << 4
    assert len(pairs) == 4 + 256 * 4 + 8192 * 4


def test_wrong_folders_are_refused(tmp_path, chip):
    name = chip.files.FORMAT.name
    with pytest.raises(UserError, match=f"has no {name}"):
        chip.files.read(tmp_path)
    chip.files.write(tmp_path, chip.configuration, chip.stimulus)
    image = (tmp_path / "neurons.hex").read_text()
    (tmp_path / "neurons.hex").write_text(image.replace(image[0], "0" if image[0] != "0" else "1", 1))
    with pytest.raises(UserError, match="neurons.hex, line 1: the image differs from the SPI transactions"):
        chip.files.read(tmp_path)
    (tmp_path / "spi.txt").write_text("00000 xyz\n")
    with pytest.raises(UserError, match="spi.txt, line 1: '00000 xyz' is not two hexadecimal numbers"):
        chip.files.read(tmp_path)
    (tmp_path / name).write_text('{"schema": "brian2chip/odin/0"}')
    with pytest.raises(UserError, match="schema|required"):
        chip.files.read(tmp_path)


@pytest.mark.parametrize(
    "pair, sentence",
    [
        ((26, 1), "transaction 2: there is no register 26"),
        ((1, 2), "transaction 2: register 1 has 1 bits, not 0x2"),
        ((1 << 19 | NEURON, 0), "is no write to a register, neuron or synapse"),  # a read
        ((NEURON & ~shared.WRITE, 0), "is no write"),
        ((shared.WRITE | 3 << 16, 0), "is no write"),
        ((NEURON | 16 << 8, 0), "is no write"),
        ((shared.WRITE | shared.SYNAPSE << 16 | 1 << 15, 0), "is no write"),
        ((NEURON, 1 << 16), "is no write"),
        ((1 << 20, 0), "whole numbers of 20 bits"),
        ((-1, 0), "whole numbers of 20 bits"),
    ],
)
def test_transactions_that_are_no_write(chip, pair, sentence):
    with pytest.raises(UserError, match=sentence):
        chip.files.program(np.array([(0, 1), (1, 1), pair]))


@pytest.mark.parametrize(
    "file, line, sentence",
    [
        ("spi.txt", "00001 00010", "spi.txt, line 2: register 1 has 1 bits, not 0x10"),
        ("spi.txt", "0x001 00001", "spi.txt, line 2: '0x001 00001' is not two"),
        ("spi.txt", "", "spi.txt, line 2: '' is not two"),
        ("aer.txt", "00101 2", "aer.txt, line 2: '00101 2' is not five hexadecimal digits and 0 or 1"),
        ("aer.txt", "fffff 1", "input link has"),
        ("synapses.hex", "0000000g", "synapses.hex, line 2: the image differs"),
        ("neurons.hex", "00" * 17, "neurons.hex, line 2: the image differs"),
    ],
)
def test_wrong_lines_are_named(tmp_path, chip, file, line, sentence):
    chip.files.write(tmp_path, chip.configuration, chip.stimulus)
    lines = (tmp_path / file).read_text().splitlines()
    lines[1] = line
    (tmp_path / file).write_text("\n".join(lines) + "\n")
    with pytest.raises(UserError, match=sentence):
        chip.files.read(tmp_path)


@pytest.mark.parametrize("change", [{"events": 3}, {"registers": {}}, {"up": [300]}, {"extra": 1}, {"registers": {"open_loop": 1.0}}])
def test_a_description_that_says_something_else(tmp_path, chip, change):
    path = chip.files.write(tmp_path, chip.configuration, chip.stimulus)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(UserError, match=path.name) as error:
        chip.files.read(tmp_path)
    assert "\n" not in str(error.value)


def test_one_more_write_sets_the_flags(chip):
    """SPEC section 8: a write clocks UP and DOWN of that neuron, computed from the word before the byte is merged."""
    if chip.files is not odin:
        return
    pairs = odin.spi_transactions(chip.configuration)
    neurons = pairs[pairs[:, 0] >> 16 == NEURON >> 16]
    assert len(neurons) == 16 * 256  # the last byte of a word sets flags that follow from it
    # theta1 <= Ca < theta3 and V >= thetamem: up; V < thetamem and Ca < theta2: down (SPEC section 2.1)
    learning = {"lif": 1, "thr": 200, "ca_en": 1, "thetamem": 100, "theta1": 1, "theta2": 3, "theta3": 5}
    made = settled(Configuration.blank().with_neurons([3, 4, 5, 6], **learning, V=[100, 99, 100, 99], Ca=[4, 2, 5, 3]))
    assert made.up[[3, 4, 5, 6]].tolist() == [1, 0, 0, 0] and made.down[[3, 4, 5, 6]].tolist() == [0, 1, 0, 0]
    assert same(odin.program(odin.spi_transactions(made)), made)
    silent = replace(made, up=np.zeros(256, int), down=np.zeros(256, int))  # before any event
    assert same(odin.program(odin.spi_transactions(silent)), silent)
    assert len(odin.spi_transactions(silent)) == len(odin.spi_transactions(made)) + 2  # neurons 3 and 4 are written once more
    with pytest.raises(UserError, match="flags up and down of neuron 7 of ODIN are 1 and 1, and no SPI write"):
        odin.spi_transactions(replace(made, **dict.fromkeys(("up", "down"), (np.arange(256) == 7).astype(int))))


def test_a_neuron_that_fires_at_every_access_keeps_its_flags():
    """With thr = 0 the last write itself would count a spike (SPEC section 3), so the threshold is written after it."""
    always = Configuration.blank().with_neurons([9], lif=1, thr=0, ca_en=1, thetamem=50, theta1=2, theta2=3, theta3=3, Ca=2)
    down = replace(always, down=(np.arange(256) == 9).astype(int))
    assert same(odin.program(odin.spi_transactions(down)), down)
