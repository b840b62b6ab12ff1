"""The flags UP and DOWN, which lie in no memory: SPI sets them only on the side, by writing to a neuron's word.

The specification of the chip's traces, section 8: a write of a byte clocks both flags of that neuron, computed from the word as it was
before the byte is merged, as an access without input would. So a word is written once more at the end.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from brian2chip.chips.odin.configuration import Configuration, bytes_of, codes_of, words_of
from brian2chip.chips.odin.neuron import IZHIKEVICH, LIF
from brian2chip.chips.odin_family.spi_program import ByteWrite, word_writes
from brian2chip.engine.on_arrays import on_arrays
from brian2chip.errors import UserError

_ACCESS = {1: on_arrays(LIF), 0: on_arrays(IZHIKEVICH)}
_WITHOUT_INPUT = {"drive": 0, "tref": 0, "burst_end": 0}
#: Bytes that may hold another value until the last write, by model: they hold ca_en and thetamem, and the threshold.
_BYTES = {1: (2, 1), 0: (6, 2)}


def flags_after_write(words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return UP and DOWN, uint8, that an SPI write leaves whose word was this before the write."""
    codes = codes_of(words)
    found = {lif: access({**codes, **_WITHOUT_INPUT}) for lif, access in _ACCESS.items()}
    up, down = (np.where(codes["lif"] == 1, found[1][name], found[0][name]).astype(np.uint8) for name in ("up_next", "down_next"))
    return up, down


def last_writes(configuration: Configuration) -> tuple[np.ndarray, np.ndarray]:
    """Return the byte that is written last to each neuron, int [256], and the whole words before that write, uint8 [256, 16].

    The word before the last write is the neuron's own where that leaves the configuration's flags, and differs in that byte elsewhere.

    Raises
    ------
    UserError
        For flags that no write leaves.
    """
    before = bytes_of(configuration.words)
    byte = np.array([_BYTES[lif][0] for lif in codes_of(configuration.words)["lif"]])
    up, down = flags_after_write(configuration.words)
    for n in np.flatnonzero((up != configuration.up) | (down != configuration.down)):
        byte[n], before[n] = _changed(configuration, int(n))
    return byte, before


def all_writes(configuration: Configuration) -> list[ByteWrite]:
    """Return the writes of all bytes of all words, whatever the memory held before; raises like :func:`last_writes`.

    The flags do not depend on the last byte of a word, so they follow from it when that is written.
    """
    byte, before = last_writes(configuration)
    own = bytes_of(configuration.words)
    again = np.flatnonzero(np.any(before != own, axis=1))
    return [*word_writes(before), *((int(n), int(byte[n]), int(own[n, byte[n]])) for n in again)]


def few_writes(configuration: Configuration) -> list[ByteWrite]:
    """Return the writes that leave words and flags in a neuron memory that is 0; raises like :func:`last_writes`.

    They are the bytes that are not 0, of which that comes last which sets the flags, and at least one for each neuron.
    """
    byte, before = last_writes(configuration)
    own = bytes_of(configuration.words)
    without = np.repeat(own[:, None], 16, axis=1)
    without[:, np.arange(16), np.arange(16)] = 0  # the word before byte k is written
    up, down = flags_after_write(words_of(without))
    sets = (up == configuration.up[:, None]) & (down == configuration.down[:, None]) & (own != 0)
    writes: list[ByteWrite] = []
    for n in range(len(own)):
        first, last = (before[n], int(byte[n])) if not sets[n].any() else (without[n, k := int(sets[n].argmax())], k)
        writes += [(n, int(k), int(first[k])) for k in np.flatnonzero(first)]
        writes.append((n, last, int(own[n, last])))
    return writes


def _changed(configuration: Configuration, n: int) -> tuple[int, np.ndarray]:
    """Return a byte of neuron n, and its word with another value there from which the last write leaves the flags."""
    wanted = int(configuration.up[n]), int(configuration.down[n])
    own = bytes_of(configuration.words[n : n + 1])[0]
    for byte in _BYTES[int(configuration.words[n] & 1)]:
        tried = np.repeat(own[None], 256, axis=0)
        tried[:, byte] = np.arange(256)
        up, down = flags_after_write(words_of(tried))
        if (hits := np.flatnonzero((up == wanted[0]) & (down == wanted[1]))).size:
            return byte, tried[hits[0]]
    raise UserError(
        f"the flags up and down of neuron {n} of ODIN are {wanted[0]} and {wanted[1]}, and no SPI write leaves them so with its word; "
        "write the chip between events, as its emulator holds it then, or take settled(configuration), whose flags follow from the words."
    )


def settled(configuration: Configuration) -> Configuration:
    """Return the same with the flags that follow from the words, as one more SPI write to each sets them."""
    up, down = flags_after_write(configuration.words)
    return replace(configuration, up=up, down=down)
