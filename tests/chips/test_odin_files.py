"""Files for ODIN: each is read back to the same configuration; unsafe programming is refused."""

import numpy as np
import pytest
from test_odin import random_trace

from brian2chip.chips.odin import files
from brian2chip.chips.odin.replay import given
from brian2chip.errors import UserError


@pytest.fixture
def chip():
    return given(random_trace(np.random.default_rng(3), open_loop=0))[:2]


def same(a, b):
    return dict(a.registers) == dict(b.registers) and all(
        np.array_equal(getattr(a, name), getattr(b, name)) for name in ("syn_sign", "words", "synapses", "up", "down")
    )


def test_folder_reads_back(tmp_path, chip):
    configuration, stimulus = chip
    files.write(tmp_path, configuration, stimulus)
    again, events = files.read(tmp_path)
    assert same(again, configuration)
    np.testing.assert_array_equal(events, stimulus)


def test_memory_layout():
    """SPEC section 1: word pre*32 + post//8, nibble post%8; nibble 0 is bits 3 to 0."""
    synapses = np.zeros((256, 256), np.uint8)
    synapses[3, 17] = 0xB
    words = files.synapse_words(synapses)
    assert words[3 * 32 + 2] == 0xB0 and np.count_nonzero(words) == 1
    np.testing.assert_array_equal(files.synapses_of(words), synapses)


def test_order_is_safe(chip):
    """SPEC section 8: gated and open loop before any memory write, and one more transfer after the last."""
    pairs = files.spi_transactions(chip[0])
    memory = np.flatnonzero(pairs[:, 0] >> 16 & 3)
    assert pairs[:2].tolist() == [[0, 1], [1, 1]] and memory[0] > 1
    assert pairs[-2:].tolist() == [[1, 0], [0, 0]] and memory[-1] == len(pairs) - 3
    with pytest.raises(UserError, match="spurious spike"):
        files.program(np.array([(0, 1), (1, 0), (files.WRITE | files.NEURON << 16, 1)]))
    with pytest.raises(UserError, match="GATE_ACTIVITY is 0"):
        files.program(np.array([(1, 1), (files.WRITE | files.NEURON << 16, 1)]))


def test_masked_write_keeps_bits():
    """SPEC section 8: a mask bit of 1 keeps the bit."""
    address = files.WRITE | files.NEURON << 16 | 2 << 8 | 7
    chip = files.program(np.array([(0, 1), (1, 1), (address, 0xFF), (address, 0xF0 << 8 | 0x05)]))
    assert chip.words[7] == 0xF5 << 16


def test_wrong_folders_are_refused(tmp_path, chip):
    with pytest.raises(UserError, match="has no odin.json"):
        files.read(tmp_path)
    files.write(tmp_path, *chip)
    image = (tmp_path / "neurons.hex").read_text()
    (tmp_path / "neurons.hex").write_text(image.replace(image[0], "0" if image[0] != "0" else "1", 1))
    with pytest.raises(UserError, match="differ from its SPI"):
        files.read(tmp_path)
    (tmp_path / "odin.json").write_text('{"schema": "brian2chip/odin/0"}')
    with pytest.raises(UserError, match="schema"):
        files.read(tmp_path)
