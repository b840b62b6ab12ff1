"""The emulator of ReckOn as a chip at the bench: words of 32 bits over SPI, levels, events, targets and ticks, and bytes that come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from brian2chip.bench.simulated_samples import Played, played
from brian2chip.bench.transport import Instruction, Output
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.emulator import Emulator
from brian2chip.chips.reckon.fields import REGISTERS
from brian2chip.chips.reckon.memory import WEIGHTS
from brian2chip.chips.reckon.programmed import programmed
from brian2chip.chips.reckon.replay import sent_bytes
from brian2chip.chips.reckon.spi_program import CONFIG, NEURON, SIZES, WINP, WOUT, WREC, decoded, neuron_words, weight_words

READ_BIT = 1 << 31
CODES = dict(zip(WEIGHTS, (WINP, WREC, WOUT)))


class SimulatedReckon:
    """The emulator behind :class:`brian2chip.bench.transport.Transport`."""

    def __init__(self):
        self.reset(0, 0)

    def reset(self, hold: int, wait: int) -> None:
        """Forget everything: the memories are zero."""
        self._registers: dict[int, int] = {}
        self._images = {code: np.zeros(size, np.int64) for code, size in SIZES.items()}
        self._live = True  # states in the neuron memory count, as after a write
        self._header, self._left = 0, 0

    def transfer(self, words: Sequence[int]) -> list[int]:
        """Take headers and the words that follow each; the answer to a read is in the words after its header."""
        return [self._word(word) for word in words]

    def play(self, instructions: Sequence[Instruction]) -> list[Output]:
        """Run the samples on the emulator, one after the other."""
        configuration, memory = decoded(self._registers, self._images, "what was sent over SPI")
        if not self._live:
            memory = replace(memory, dirty=np.zeros_like(memory.dirty))
        out: list[Output] = []
        with Emulator(record=True) as chip:
            for one in played(instructions, configuration):
                result = chip.run(configuration, memory, _chip_samples(one, configuration["DO_EPROP"]))
                memory = result.memory
                sent = sent_bytes(configuration, result.steps)
                steps = range(1, len(one.ticks)) if configuration["SEND_PER_TIMESTEP"] else [len(one.ticks) - 1]
                each = len(sent) // len(steps)
                out += [(sent[k * each + b], one.ticks[tick]) for k, tick in enumerate(steps) for b in range(each)]
        configuration, memory = programmed(configuration, memory)
        self._images[NEURON][:] = [int(word) >> 32 * k & 0xFFFFFFFF for word in neuron_words(configuration, memory) for k in range(4)]
        for name, code in CODES.items():
            self._images[code][:] = weight_words(getattr(memory, name))
        self._registers.update({int(f.word): configuration[f.name] for f in REGISTERS if f.name.startswith("SEED")})
        self._live = False
        return out

    def close(self) -> None:
        """Nothing is held."""

    def _word(self, word: int) -> int:
        if not self._left:
            self._header, self._left = word, word >> 16 & 0xFFF
            return 0
        place = (self._header & 0xFFFF) + (self._header >> 16 & 0xFFF) - self._left
        self._left -= 1
        code = self._header >> 28 & 7
        image = self._images.get(code)
        if self._header & READ_BIT:
            return 0 if image is None or place >= image.size else int(image[place])
        if code == CONFIG:
            self._registers[place] = word
        elif image is not None and place < image.size:
            image[place] = word
            self._live = self._live or code == NEURON
        return 0


def _chip_samples(one: Played, eprop: int) -> ChipSamples:
    """Return one played sample as the emulator takes it."""
    tick, i = np.array(one.events, np.int64).reshape(-1, 2).T
    return ChipSamples(
        n_ticks=np.array([len(one.ticks)]),
        sample=np.zeros(len(tick), np.int64),
        t=tick,
        i=i,
        eprop=np.array([eprop]),
        label=np.array([one.label]),
        target_valid=np.array(one.target_valid, np.int64),
        infer_acc=np.array(one.infer_acc, np.int64),
        target=one.target,
    )
