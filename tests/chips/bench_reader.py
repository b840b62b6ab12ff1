"""A reader of bench folders in plain Python, written from their README.txt alone; it shares no code with the package.

It sends a program to a model of the SPI port, memory by memory, and gives what the chip then holds, the stimulus and the expected output.
"""

import csv
import json
from pathlib import Path


class Folder:
    """The texts and tables of one folder."""

    def __init__(self, path):
        self.path = Path(path)
        self.document = json.loads((self.path / "bench.json").read_text())

    def transactions(self, which):
        """SPI transactions of a program ("full", "clear", "sparse"): lists of words."""
        return self.lines(self.document["programs"][which]["file"])

    def lines(self, name):
        return [[int(word, 16) for word in line.split()] for line in (self.path / name).read_text().splitlines()]

    def table(self, entry):
        """Rows of a table by an entry of the document."""
        with open(self.path / entry["file"], newline="") as file:
            rows = [{name: int(cell) if cell.lstrip("-").isdigit() else cell for name, cell in row.items()} for row in csv.DictReader(file)]
        assert len(rows) == entry["entries"], entry
        return rows

    def registers(self):
        """Addresses of the registers by name, of those of one word, as the table in README.txt says."""
        lines = (self.path / "README.txt").read_text().splitlines()
        start = next(k for k, line in enumerate(lines) if line.strip().startswith("Registers (address, bits, name"))
        rows = [line.split() for line in lines[start + 1 : lines.index("", start)]]
        return {name: int(address) for address, bits, name, *_ in rows if int(bits) <= 32}

    def readback(self, after=False):
        entry = self.document["expected"]["readback"] if after else self.document["readback"]
        return self.table({"file": entry["file"], "entries": entry["entries"]})


class OdinPort:
    """Registers, neuron and synapse memory of ODIN or tinyODIN behind SPI; ``flags`` computes UP and DOWN of a word."""

    def __init__(self, word_bytes, fill=0, flags=None):
        self.registers, self.size = {}, word_bytes
        self.neurons = [[fill] * word_bytes for _ in range(256)]
        self.synapses = [[fill] * 4 for _ in range(8192)]
        self.flags, self.up, self.down = flags, [None] * 256, [None] * 256

    def send(self, address, data):
        memory = address >> 16 & 3
        if memory == 0:
            self.registers[address & 0xFFFF] = data
            return
        assert address >> 18 == 1 and self.registers[0] == 1 and self.registers[1] == 1
        keep, byte = data >> 8 & 255, data & 255
        if memory == 1:
            n, k = address & 255, address >> 8 & 15
            word = self.neurons[n]
            if self.flags:
                self.up[n], self.down[n] = self.flags(int.from_bytes(bytes(word), "little"))
        else:
            word, k = self.synapses[address & 0x1FFF], address >> 13 & 3
        word[k] = word[k] & keep | byte & ~keep & 255

    def read(self, address):
        assert address >> 18 == 2 and self.registers[0] == 1
        if address >> 16 & 3 == 1:
            return self.neurons[address & 255][address >> 8 & 15]
        return self.synapses[address & 0x1FFF][address >> 13 & 3]

    def weights(self):
        """Nibbles [pre][post]."""
        byte = lambda i, j: self.synapses[32 * i + j // 8][j % 8 // 2]  # noqa: E731
        return [[byte(i, j) >> 4 * (j % 2) & 15 for j in range(256)] for i in range(256)]

    def state(self):
        return self.registers, self.neurons, self.synapses, self.up, self.down


class ReckonPort:
    """Registers and memories of ReckOn behind SPI."""

    SIZES = {1: 128, 3: 4096, 4: 4096, 5: 512}

    def __init__(self, fill=0):
        self.registers = {0: 1}
        self.memories = {code: [fill] * (4 * words) for code, words in self.SIZES.items()}
        self.written = set()

    def send(self, header, *data):
        code, count, address = header >> 28 & 7, header >> 16 & 0xFFF, header & 0xFFFF
        assert header >> 31 == 0 and count == len(data)
        if code == 0:
            assert count == 1
            self.registers[address] = data[0]
            return
        assert self.registers[0] == 1
        for k, word in enumerate(data):
            self.memories[code][address + k] = word
            if code == 1:
                self.written.add((address + k) // 4)

    def read(self, header):
        assert header >> 31 == 1 and header >> 16 & 0xFFF == 1 and self.registers[0] == 1
        return self.memories[header >> 28 & 7][header & 0xFFFF]

    def bytes_of(self, code):
        return b"".join(word.to_bytes(4, "little") for word in self.memories[code])

    def weights(self, code, rows, columns):
        """Signed weights [pre][post]."""
        flat = self.bytes_of(code)
        width = 16 if code == 5 else 256
        return [[(flat[width * i + j] ^ 128) - 128 for j in range(columns)] for i in range(rows)]

    def pairs(self):
        """Words of the neuron memory as integers."""
        flat = self.bytes_of(1)
        return [int.from_bytes(flat[16 * w : 16 * w + 16], "little") for w in range(128)]

    def state(self):
        return self.registers, self.memories, self.written


def programmed(folder, port, *which):
    """The port after the programs were sent to it."""
    for name in which:
        for words in folder.transactions(name):
            port.send(*words)
    return port


def verified(folder, port, after=False):
    """Send the read-back list and return (address, expected, got) of every byte or word that differs."""
    send = lambda lines: [port.send(*(int(word, 16) for word in line.split())) for line in lines]  # noqa: E731
    send(folder.document["readback"]["before"])
    wrong = [
        (row["address"], row["expected"], got) for row in folder.readback(after) if (got := port.read(row["address"])) != row["expected"]
    ]
    send(folder.document["readback"]["after"])
    return wrong
