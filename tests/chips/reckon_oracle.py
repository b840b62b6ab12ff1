"""An integer model of ReckOn in plain Python, written from tests/golden/reckon/SPEC.md: a loop a unit, shift registers as lists of bits.

It shares no code with the package. ``mistake`` names a deliberate misreading of the specification, for tests that must see it.
"""

from __future__ import annotations

import zlib

import numpy as np

#: name: (length L, near tap k, bits per advance J), SPEC section 7.
REGISTERS = {
    "winp": (25, 3, 512),
    "wrec": (25, 3, 512),
    "wout": (22, 1, 448),
    "noise": (17, 3, 32),
    "oneur": (15, 1, 7),
    **{f"{name}{half}": (15, 1, 7 if name == "tout" else 15) for name in ("neur", "tinp", "trec", "tout") for half in (0, 1)},
}


class ShiftRegister:
    """One register as the list of its last L bits, oldest first."""

    def __init__(self, name, content):
        self.length, self.near, self.jump = REGISTERS[name]
        interleaved = [1, 3, 5, 7, 9, 11, 13, 2, 4, 6, 8, 10, 12, 14, 0]
        self.order = interleaved if self.jump == 7 else [*range(self.near, self.length), *range(self.near)]
        self.y = [(content >> b) & 1 for b in self.order]

    def word(self):
        """The output word: bit i is y[i], of which the first k are in the register already."""
        y = list(self.y)
        while len(y) < self.length - self.near + self.jump:
            y.append(y[-self.near] ^ y[-self.length])
        return sum(bit << i for i, bit in enumerate(y[self.length - self.near :]))

    def advance(self):
        y = self.y
        for _ in range(self.jump):
            y.append(y[-self.near] ^ y[-self.length])
        self.y = y[-self.length :]

    def content(self):
        return sum(bit << b for bit, b in zip(self.y, self.order))


def sx(v, bits):
    v &= (1 << bits) - 1
    return v - (1 << bits) if v >> (bits - 1) else v


def sat16(v):
    return max(-32768, min(32767, v))


class Oracle:
    """The chip: ``run_sample`` for each sample in turn, then look at its attributes."""

    def __init__(self, registers, thr, alpha, winp, wrec, wout, neurons=None, mistake=None):
        self.r = {name.removeprefix("SPI_"): int(value) for name, value in registers.items()}
        for name, bits in {**{f"THR_H_{k}": 16 for k in range(4)}, **{f"H_{k}": 5 for k in range(5)}}.items():
            self.r[name] = sx(self.r[name], bits)
        self.mistake = mistake
        self.ni, self.nr, self.no = (self.r[f"NUM_{n}_NEUR"] for n in ("INP", "REC", "OUT"))
        self.nn, self.ro = max(self.ni, self.nr), max(self.ni, self.nr, self.no)
        self.thr, self.alpha = [int(v) for v in thr], [int(v) for v in alpha]
        self.w = {"winp": self._memory(winp, 256), "wrec": self._memory(wrec, 256), "wout": self._memory(wout, 16)}
        self.u, self.ti, self.tr, self.to, self.dirty = ([0] * 256 for _ in range(5))
        for name, values in (neurons or {}).items():
            for p, value in enumerate(values):
                getattr(self, name)[p] = int(value)
                self.dirty[p] = self.dirty[p ^ 1] = 1
        seeds = {"winp": "SEED_INP", "wrec": "SEED_REC", "wout": "SEED_OUT", "noise": "SEED_NOISE_NEUR", "oneur": "SEED_STRND_ONEUR"}
        contents = {name: self.r[seed] for name, seed in seeds.items()}
        for name in ("neur", "tinp", "trec", "tout"):
            seed = self.r[f"SEED_STRND_{name.upper()}"]
            contents[name + "0"], contents[name + "1"] = seed & 0x7FFF, seed >> 15
        self.lfsr = {name: ShiftRegister(name, content) for name, content in contents.items()}
        self.log = {name: [] for name in ("z", "u", "ti", "tr", "to", "v", "cycles", "crc", "label", "bytes")}
        self.label, self.tar = 0, [0] * 16

    @staticmethod
    def _memory(block, columns):
        w = [[0] * columns for _ in range(256)]
        for i, row in enumerate(np.asarray(block)):
            w[i][: len(row)] = [int(v) for v in row]
        return w

    def run_sample(self, n_ticks, events, do_eprop, label, target_valid, infer_acc, target=None):
        """``events[t]`` is the set of inputs before tick t; levels and targets are per tick."""
        self.do, self.sample_label = do_eprop, label
        self.v, self.cnt, self.z, sent = [0] * 16, [0] * 16, [0] * 256, []
        for t in range(n_ticks):
            self.x = [int(i in events[t]) for i in range(256)]
            cycles = 3
            if t:
                cycles += self.ro + 2
                self.stale = [self._state(2 * (self.ro >> 1) + parity) for parity in (0, 1)]
                self._step()
                self._winner(infer_acc[t])
                for name, values in (("z", self.z), ("v", self.v)):
                    self.log[name].append(list(values))
                for name in ("u", "ti", "tr", "to"):
                    self.log[name].append([value * d for value, d in zip(getattr(self, name), self.dirty)])
                if t == n_ticks - 1 or self.r["SEND_PER_TIMESTEP"]:
                    sent += self._send()
                if t == n_ticks - 1:
                    self.log["cycles"].append(cycles)
                    break
                tv = int(target_valid[t])
                if do_eprop and (tv or self.r["REGUL_MODE"] >= 6):
                    cycles += self._eprop(tv, None if target is None else target[t])
            self.log["cycles"].append(cycles + self.nn + 1 + self._prop())
        self.dirty = [0] * 256
        self.log["bytes"].append(sent)
        self.log["label"].append(sent[-1] if self.r["SEND_LABEL_ONLY"] else -1)
        self.log["crc"].append([zlib.crc32(block.tobytes()) for block in self.blocks().values()])

    def blocks(self):
        columns = 16 * ((self.nr >> 4) + 1)
        sizes = {"winp": (self.ni + 1, columns), "wrec": (self.nr + 1, columns), "wout": (self.nr + 1, 16)}
        return {name: np.array(self.w[name], np.int8)[:a, :b].copy() for name, (a, b) in sizes.items()}

    def _state(self, p):
        return self.u[p], self.ti[p], self.tr[p]

    # section 3
    def _prop(self):
        r, cycles = self.r, 0
        words = (self.nr >> 1) + 1
        for i in range(self.nn + 1):
            if not (self.z[i] or self.x[i]):
                continue
            cycles += 2 * words
            for j in range(2 * words):
                if not self.dirty[j]:
                    self.u[j] = self.ti[j] = self.tr[j] = self.to[j] = 0
                    self.dirty[j] = 1
            for word in range(words):
                noise = [0, 0]
                if r["NOISE_EN"]:
                    bits = self.lfsr["noise"].word()
                    noise = [sx(bits, 16) >> r["NOISE_STR"], sx(bits >> 16, 16) >> r["NOISE_STR"]]
                    self.lfsr["noise"].advance()
                for j in (2 * word, 2 * word + 1):
                    w = self.z[i] * (self.w["wrec"][i][j] << r["FP_LOC_WREC"]) + self.x[i] * (self.w["winp"][i][j] << r["FP_LOC_WINP"])
                    n = sx(self.u[j] + w + noise[j & 1], 16)
                    if self.u[j] >= 0 and w >= 0 and n < 0:
                        n = 32767
                    elif self.u[j] < 0 and w < 0 and n >= 0:
                        n = -32768
                    self.u[j] = n
            force = r["FORCE_TRACES"]
            if i < 2 * words:
                if self.x[i] and (self.do & 1 or force):
                    self.ti[i] = min(4095, self.ti[i] + (8 << r["FP_LOC_TINP"]))
                if self.z[i] and (self.do & 2 or force):
                    self.tr[i] = min(4095, self.tr[i] + (8 << r["FP_LOC_TREC"]))
                if self.z[i] and (self.do & 4 or force):
                    self.to[i] = min(1023, self.to[i] + (2 << r["FP_LOC_TOUT"]))
            if self.x[i] and i > self.nr and (self.do & 1 or force):
                cycles += 2
                for j in (i & ~1, i | 1):
                    if not self.dirty[j]:
                        self.ti[j] = self.tr[j] = self.to[j] = 0
                        self.dirty[j] = 1
                self.ti[i] = min(4095, self.ti[i] + (8 << r["FP_LOC_TINP"]))
            if self.z[i]:
                for k in range(self.no + 1):
                    self.v[k] = sat16(self.v[k] + (self.w["wout"][i][k] << r["FP_LOC_WOUT"]))
            self.z[i] = self.x[i] = 0
        return cycles

    # section 4
    def _round(self, product, bits, keep, register, one):
        leaked = product >> bits
        leaked = sx(leaked, 16) if keep == 16 else leaked & ((1 << keep) - 1)
        if self.r["EN_STOCH_ROUND"] and not one and leaked != 0 and (product & ((1 << bits) - 1)) >= self.lfsr[register].word():
            leaked = sx(leaked + 1, 16) if keep == 16 else (leaked + 1) & ((1 << keep) - 1)
        return leaked

    def _step(self):
        r, kappa = self.r, self.r["KAPPA"]
        self.z = [0] * 256
        for w in range((self.ro + 1) >> 1):
            one = self.alpha[w] == 0x8000
            for p in (2 * w, 2 * w + 1):
                half = p & 1
                u, ti, tr, to = (value * self.dirty[p] for value in (self.u[p], self.ti[p], self.tr[p], self.to[p]))
                leaked = self._round(u * self.alpha[w], 15, 16, f"neur{half}", one)
                self.z[p] = int(u >= self.thr[w])
                self.u[p] = leaked if not self.z[p] else 0 if r["RST_MODE"] else sx(leaked - self.thr[w], 16)
                self.ti[p] = self._round(ti * self.alpha[w], 15, 12, f"tinp{half}", one)
                self.tr[p] = self._round(tr * self.alpha[w], 15, 12, f"trec{half}", one)
                self.to[p] = self._round(to * kappa, 7, 10, f"tout{half}", kappa == 128)
                self.dirty[p] = 1
            if r["EN_STOCH_ROUND"]:
                for half in "01":
                    if not one:
                        self.lfsr["neur" + half].advance()
                    for name in ("tinp", "trec", "tout"):
                        self.lfsr[name + half].advance()
        for k in range(min(16, self.ro + 1)):
            if k <= self.no:
                self.v[k] = self._round(self.v[k] * kappa, 7, 16, "oneur", kappa == 128)
            if r["EN_STOCH_ROUND"] and kappa != 128:
                self.lfsr["oneur"].advance()

    # section 5
    def _eprop(self, tv, target):
        r = self.r
        if r["REGRESSION"]:
            self.tar[: self.no + 1] = [int(value) for value in target[: self.no + 1]] if target is not None else self.tar[: self.no + 1]
        else:
            self.label = self.sample_label if r["SINGLE_LABEL"] or target is None else int(target[0]) & 15
        error = []
        for k in range(16):
            v = self.v[k]
            y = v if r["NO_OUT_ACT"] else 2048 if v > 2047 else 0 if v < -2048 else (v + 2048) >> 1
            yt = self.tar[k] if r["REGRESSION"] else 2048 * (self.label == k)
            error.append(sat16(yt - y) if tv and k <= self.no else 0)
        fetched = list(self.stale)
        regul, mode = r["REGUL_W"], r["REGUL_MODE"]

        def fetch(p):
            if tv and p <= self.nn and p % 2 == 0:
                fetched[:] = [self._state(p), self._state(p + 1)]
            return fetched[p & 1]

        for m in range((self.nr >> 4) + 1):
            learn, h, g = [0] * 16, [0] * 16, [0] * 16
            for i in range(16):
                p = 16 * m + i
                u, _, tr = fetch(p)
                h[i] = next((r[f"H_{s}"] for s in range(4) if u < r[f"THR_H_{s}"]), r["H_4"])
                if mode:
                    g[i] = max(0, (tr >> r["FP_LOC_TREC"]) - r["REGUL_F0"])
                a = self.to[p] >> r["FP_LOC_TOUT"]

                def signal(p=p):
                    total = sum(error[k] * self.w["wout"][p][k] for k in range(self.no + 1))
                    return sat16((total << r["LEARN_SIG_SCALE"]) >> 12) if self.do & 3 and p <= self.nr else 0

                if self.mistake != "late signal":
                    learn[i] = signal()
                if self.do & 4 and tv and p <= self.nr and a:
                    bits = self.lfsr["wout"].word()
                    for k in range(16):
                        self._update("wout", p, k, error[k] * a, 28, bits >> (28 * k), True)
                    self.lfsr["wout"].advance()
                if self.mistake == "late signal":
                    learn[i] = signal()
            if self.do == 4:
                continue
            for q in range(self.nn + 1):
                _, ti, tr = fetch(q)
                for b, (name, top, trace) in enumerate((("winp", self.ni, ti), ("wrec", self.nr, tr))):
                    if not self.do >> b & 1 or q > top:
                        continue
                    a = trace >> r["FP_LOC_TINP" if b == 0 else "FP_LOC_TREC"]
                    without = mode >= 6 and regul >> b & 1
                    if not ((tv or without) and (a or (mode and any(g)))):
                        continue
                    bits = self.lfsr[name].word()
                    for i in range(16):
                        prob = self._probability(learn[i] * a * h[i] if tv else 0, g[i], b)
                        enabled = (tv and h[i] != 0) or (mode and regul >> b & 1)
                        fired = self._update(name, q, 16 * m + i, prob, 32, bits >> (32 * i), enabled)
                        if fired and b == 1 and q == 16 * m + i:
                            self.w["wrec"][q][q] = 0
                    self.lfsr[name].advance()
        return 2 * (self.nr + 1) if self.do == 4 else ((self.nr >> 4) + 1) * (32 + 2 * (self.nn + 1))

    def _probability(self, e, g, b):
        r, mode, regul = self.r, self.r["REGUL_MODE"], self.r["REGUL_W"]
        kind = ("INP", "REC")[b]
        additive = 0
        if mode & 2 and regul >> b & 1:
            additive = sx(((g << r[f"REGUL_K_{kind}_P"]) & 0xFFFFFFFF) >> r[f"REGUL_K_{kind}_R"], 32)
        c = 16 - min(16, g >> r["REGUL_K_MUL"]) if mode & 1 and regul else 16
        k = 16 * e if e < 0 else c * e
        s = sx(sx(k >> 4, 32) - additive, 32)
        return -(1 << 31) if s >= 0 and k >> 31 & 1 else s

    def _update(self, name, q, p, prob, width, random, enabled):
        if not enabled or prob == 0:
            return False
        shifts = {"winp": "WINP", "wrec": "WREC", "wout": "WOUT"}[name]
        random &= (1 << width) - 1
        size = abs(prob) << self.r[f"LR_P_{shifts}"]
        if size >> width:
            size = (1 << width) - 1
        size >>= self.r[f"LR_R_{shifts}"]
        above = size > random if self.mistake == "fires above" else size >= random
        if not (prob == -(1 << (width - 1)) or above):
            return False
        w = self.w[name][q][p] + (1 if prob > 0 else -1)
        self.w[name][q][p] = max(-128, min(127, w))
        return True

    # section 6
    def _winner(self, infer):
        if infer:
            v = self.v[: self.no + 1]
            k = 0 if self.r["REGRESSION"] else v.index(max(v))
            self.cnt[k] = (self.cnt[k] + 1) & 0xFFFF

    def _send(self):
        if self.r["SEND_LABEL_ONLY"]:
            counts = self.cnt[: self.no + 1]
            return [counts.index(max(counts))]
        return [byte for v in self.v[: self.no + 1] for byte in (v & 255, v >> 8 & 255)]


def run(trace, mistake=None, neurons=None):
    """Return the oracle after all samples of a trace with the keys of the recorded files."""
    import json

    config = json.loads(str(trace["config_json"]))
    chip = Oracle(
        config, trace["thr"], trace["alpha"], trace["winp_init"], trace["wrec_init"], trace["wout_init"], neurons=neurons, mistake=mistake
    )
    start = 0
    for s, n in enumerate(int(v) for v in trace["sample_T"]):
        events = [set() for _ in range(n)]
        for t, i in zip(trace["ev_t"][trace["ev_sample"] == s], trace["ev_i"][trace["ev_sample"] == s]):
            events[int(t)].add(int(i))
        ticks = slice(start, start + n)
        target = trace["target"][ticks] if "target" in trace else None
        chip.run_sample(
            n,
            events,
            int(trace["sample_do_eprop"][s]),
            int(trace["sample_label"][s]),
            trace["target_valid"][ticks],
            trace["infer_acc"][ticks],
            target,
        )
        start += n
    return chip


def outputs(chip, units):
    """Return the oracle's log under the names of the recorded files."""
    log = chip.log
    out = {
        "exp_spikes": np.packbits(np.array(log["z"], np.uint8), axis=1, bitorder="little"),
        "exp_u": np.array(log["u"])[:, units],
        "exp_vout": np.array(log["v"])[:, : chip.no + 1],
        "exp_trace_inp": np.array(log["ti"])[:, units],
        "exp_trace_rec": np.array(log["tr"])[:, units],
        "exp_trace_out": np.array(log["to"])[:, units],
        "exp_outbytes": np.array([byte for sent in log["bytes"] for byte in sent]),
        "exp_outbytes_n": np.array([len(sent) for sent in log["bytes"]]),
        "exp_label": np.array(log["label"]),
        "weights_crc32": np.array(log["crc"]),
        "tick_cycles": np.array(log["cycles"]),
    }
    out.update({f"{name}_final": block for name, block in chip.blocks().items()})
    return out
