"""The emulator of ODIN or tinyODIN as a chip at the bench: words of 20 bits over SPI, events, and bytes that come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from brian2chip.bench.transport import Instruction, Op, Output
from brian2chip.chips.odin_family.interface import Interface
from brian2chip.chips.odin_family.spi_program import NEURON, SYNAPSE, synapse_words
from brian2chip.chips.odin_family.stimulus import stimulus
from brian2chip.errors import UserError

READ_BIT, WRITE_BIT = 1 << 19, 1 << 18


class SimulatedOdin:
    """The emulator behind :class:`brian2chip.bench.transport.Transport`.

    Parameters
    ----------
    interface : Interface
        Decodes SPI transactions and runs the emulator.
    """

    def __init__(self, interface: Interface):
        self.interface = interface
        self.reset(0, 0)

    def reset(self, hold: int, wait: int) -> None:
        """Forget everything: the memories are zero."""
        self._pairs: list[tuple[int, int]] = []
        self._configuration: Any = None
        self._images: tuple[np.ndarray, np.ndarray] | None = None

    def transfer(self, words: Sequence[int]) -> list[int]:
        """Carry out transactions of two words; the answer to a read is in the second."""
        if len(words) % 2:
            raise UserError(f"{self.interface.name} takes SPI transactions of two words of 20 bits; {len(words)} words were sent.")
        out = []
        for address, data in zip(words[::2], words[1::2]):
            out += [0, self._read(address) if address & READ_BIT else self._write(address, data)]
        return out

    def play(self, instructions: Sequence[Instruction]) -> list[Output]:
        """Run the events on the emulator."""
        sent = [(k, value) for k, (op, value) in enumerate(instructions) if op is Op.EVENT]
        waits = [k == 0 or instructions[k - 1][0] is Op.IDLE for k, _ in sent]
        name, bits = self.interface.name, self.interface.address_bits
        events = stimulus(np.array([value for _, value in sent], np.int64), np.array(waits, int), name, bits)
        with self.interface.emulator() as chip:
            out = self.interface.outputs(chip, self._contents(), events, np.zeros(0, int))
        self._configuration, self._images = self.interface.after(self._contents(), out), None
        return [(int(byte), sent[k][0]) for byte, k in zip(out["out_addr"], out["out_stim_index"])]

    def close(self) -> None:
        """Nothing is held."""

    def _write(self, address: int, data: int) -> int:
        self._pairs.append((address, data))
        if address & WRITE_BIT:
            self._configuration = self._images = None
        elif self._configuration is not None:
            changed = {f.name: data for f in self.interface.files.registers if f.lsb == address and f.name in self._configuration.registers}
            self._configuration = replace(self._configuration, registers={**self._configuration.registers, **changed})
        return 0

    def _contents(self) -> Any:
        """Return what the chip holds now, as a configuration."""
        if self._configuration is None:
            self._configuration = self.interface.files.program(np.array(self._pairs, np.int64).reshape(-1, 2))
        return self._configuration

    def _read(self, address: int) -> int:
        """Return a byte of a memory."""
        if self._images is None:
            chip = self._contents()
            self._images = self.interface.files.neurons(chip), synapse_words(chip.synapses)
        neurons, synapses = self._images
        kind, low, high = address >> 16 & 3, address & 255, address >> 8 & 255
        if kind == NEURON and high < self.interface.files.word_bytes:
            return int(neurons[low, high])
        if kind == SYNAPSE:
            return int(synapses[address & 0x1FFF]) >> 8 * (address >> 13 & 3) & 255
        return 0
