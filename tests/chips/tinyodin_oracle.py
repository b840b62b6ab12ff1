"""tinyODIN in plain Python integers, from section 9 of the specification: the oracle that the Brian2 program is compared with."""

from __future__ import annotations


def signed(x: int, bits: int) -> int:
    return x - (1 << bits) if x >> (bits - 1) & 1 else x


class TinyOdin:
    """Memories, FIFO and the clock of one chip."""

    def __init__(self, trace):
        self.open, self.src, self.max = int(trace["open_loop"]), int(trace["aer_src_ctrl_nneur"]), int(trace["max_neur"])
        words = [int(w) for w in trace["neur_init"]]
        self.V = [signed(w & 4095, 12) for w in words]
        self.thr, self.leak, self.off = [w >> 12 & 4095 for w in words], [w >> 24 & 127 for w in words], [w >> 31 for w in words]
        self.S = [[signed(int(x), 4) for x in row] for row in trace["syn_init"]]
        self.stim, self.wait = [int(a) for a in trace["stim_addr"]], [int(a) for a in trace["stim_wait_idle"]]
        self.fifo, self.cycle, self.busy, self.index = [], 0, 0, -1
        self.out, self.starts, self.trace = [], [], []

    def stall(self):
        self.cycle = max(self.cycle, self.busy)

    def emit(self, address):
        self.out.append((address, self.index, self.cycle + 1))
        self.busy = self.cycle + 7

    def push(self, entry):
        if len(self.fifo) < 128:
            self.fifo.append(entry)

    def access(self, i, tref, w):
        self.stall()
        self.cycle += 1
        v = self.V[i]
        if tref:
            v = min(0, v + self.leak[i]) if v < 0 else max(0, v - self.leak[i])
        else:
            v = max(-2048, min(2047, v + w))
        spike = v >= 0 and v >= self.thr[i]
        self.V[i] = 0 if spike else v
        if spike and not self.off[i]:
            if not self.open:
                self.push(i)
            if not self.src:
                self.emit(i)

    def pop(self):
        w, i = signed(self.fifo[0] >> 8, 4), self.fifo[0] & 255
        if w:
            self.access(i, 0, w)
            self.fifo.pop(0)
            self.cycle += 1
            return
        for post in range(self.max + 1):
            self.access(post, 0, self.S[i][post])
            if self.src and post == self.max:
                self.emit(i)
            self.cycle += 1
        self.stall()
        self.fifo.pop(0)
        self.cycle += 1

    def serve(self, a):
        if a >> 8 & 1:
            for i in range(self.max + 1) if a & 255 == 255 else [a & 255]:
                self.access(i, 1, 0)
                self.cycle += 1
            return
        self.push((a & 0xF0) << 4 | a & 15 if a >> 9 else a & 255)
        self.cycle += 1

    def run(self, limit: int):
        k, req = 0, 0 if self.stim else None
        while True:
            self.stall()
            if self.cycle > limit:
                raise TimeoutError("the chip does not come to rest")
            pending = req is not None and self.cycle >= req + 2
            if len(self.fifo) == 128 or (self.fifo and not pending):
                self.cycle += 1
                self.pop()
            elif pending:
                self.cycle += 1
                self.index = k
                self.starts.append(self.cycle)
                self.serve(self.stim[k])
                self.cycle += 3
                k += 1
                req = self.cycle if k < len(self.stim) and not self.wait[k] else None
            elif req is None:
                self.trace.append((k - 1, list(self.V)))
                if k == len(self.stim):
                    return
                req = self.cycle
            else:
                self.cycle += 1


def replay(trace, limit: int = 10**9) -> dict:
    """Everything a recorded trace expects, from its inputs."""
    chip = TinyOdin(trace)
    chip.run(limit)
    words = [off << 31 | leak << 24 | thr << 12 | v & 4095 for v, thr, leak, off in zip(chip.V, chip.thr, chip.leak, chip.off)]
    return {
        "out_addr": [o[0] for o in chip.out],
        "out_stim_index": [o[1] for o in chip.out],
        "out_cycle": [o[2] for o in chip.out],
        "stim_start_cycle": chip.starts,
        "total_cycles": chip.cycle,
        "neur_final": words,
        "trace": chip.trace,
    }
