"""Our MorphIC in plain Python integers, from what docs/morphic.md declares: the oracle that the Brian2 program is compared with."""

from __future__ import annotations

from collections import deque

WIDTH, TAP, SHIFTS = 17, 3, 23  # y[k] = y[k - 3] XOR y[k - 17]


class Register:
    """A shift register as a list of bits; bit 0 of its state is the oldest."""

    def __init__(self, state: int):
        self.bits = [state >> b & 1 for b in range(WIDTH)]

    @property
    def state(self) -> int:
        return sum(bit << b for b, bit in enumerate(self.bits))

    def draw(self) -> int:
        """The state, and then 23 shifts."""
        value = self.state
        for _ in range(SHIFTS):
            self.bits = [*self.bits[1:], self.bits[WIDTH - TAP] ^ self.bits[0]]
        return value


class Morphic:
    """Cores, neurons, synapses and the queue of one chip."""

    def __init__(self, cores, neurons, synapses):
        self.cores = [{name: int(values[c]) for name, values in cores.items()} for c in range(4)]
        self.neurons = [{name: int(values[n]) for name, values in neurons.items()} for n in range(2048)]
        self.synapses = [[list(map(int, row)) for row in core] for core in synapses]
        self.registers = [Register(core["lfsr"]) for core in self.cores]
        self.queue, self.out, self.operations, self.lost, self.event = deque(), [], 0, 0, -1

    def add(self, c: int, i: int, value: int):
        n = self.neurons[512 * c + i]
        self.evaluate(c, i, max(-2048, min(2047, n["V"] + value)), tick=False)

    def reference(self, c: int, i: int):
        n = self.neurons[512 * c + i]
        v = n["V"]
        v = min(0, v + n["leak"]) if v < 0 else max(0, v - n["leak"])
        self.evaluate(c, i, v, tick=True)

    def evaluate(self, c: int, i: int, v: int, tick: bool):
        n, core = self.neurons[512 * c + i], self.cores[c]
        fell = False
        if tick and core["ca_en"] and core["ca_leak"]:
            fell = n["cacnt"] + 1 == core["ca_leak"]
            n["cacnt"] = 0 if fell else (n["cacnt"] + 1 if n["cacnt"] < 31 else 0)
        fires = v >= n["thr"]
        n["V"] = 0 if fires else v
        if core["ca_en"] and fires != fell:
            n["Ca"] = min(7, n["Ca"] + 1) if fires else max(0, n["Ca"] - 1)
        if fires and not n["disable"]:
            self.spiked.append((c, i))

    def sweep(self, c: int, row: int):
        core, learns = self.cores[c], self.cores[c]["learn"] and self.cores[c]["ca_en"]
        self.operations += 512
        bits = self.synapses[c][row]
        weights = [(1 if bit else -1) if core["bipolar"] else bit for bit in bits]
        if learns:
            for i in range(512):
                n, draw = self.neurons[512 * c + i], self.registers[c].draw()
                if n["Ca"] < core["theta1"]:
                    continue
                if n["V"] >= core["thetamem"]:
                    if n["Ca"] < core["theta3"] and draw <= core["k_up"]:
                        bits[i] = 1
                elif n["Ca"] < core["theta2"] and draw <= core["k_down"]:
                    bits[i] = 0
        for i in range(512):
            self.add(c, i, weights[i])

    def serve(self, kind: int, targets, value: int):
        """Visit the cores in order, each on its own row or neuron; what fires waits in the queue."""
        for c, address in sorted(targets):
            self.spiked = []
            if kind == 0:
                self.sweep(c, address)
            elif kind == 2:
                self.add(c, address, value)
            else:
                for i in range(512) if address == 512 else [address]:
                    self.reference(c, i)
            for core, i in self.spiked:
                self.out.append((512 * core + i, self.event))
                n = self.neurons[512 * core + i]
                if n["crossbar"] or n["star"]:
                    if len(self.queue) < 4096:
                        self.queue.append((core, i))
                    else:
                        self.lost += 1

    def run(self, events, limit: int = 10**9):
        for self.event, (kind, cores, address, value) in enumerate(events):
            self.serve(kind, [(c, address) for c in range(4) if cores >> c & 1], value)
            while self.queue:
                limit -= 1
                if limit < 0:
                    raise TimeoutError("the chip does not come to rest")
                core, i = self.queue.popleft()
                n = self.neurons[512 * core + i]
                targets = [(c, n["row"]) for c in range(4) if n["star"] >> c & 1] + [(core, i)] * n["crossbar"]
                self.serve(0, targets, 0)
