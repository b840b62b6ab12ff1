"""ODIN in plain Python integers, one clock cycle's meaning at a time: the oracle that the Brian2 program is compared with.

Written from the arithmetic specification of the chip, section by section, and not from the equations of the package.
"""

from __future__ import annotations

LIF = {
    "leak_str": (1, 7), "leak_en": (8, 1), "thr": (9, 8), "ca_en": (17, 1), "thetamem": (18, 8), "theta1": (26, 3), "theta2": (29, 3),
    "theta3": (32, 3), "ca_leak": (35, 5), "V": (70, 8), "Ca": (78, 3), "cacnt": (81, 5),
}  # fmt: skip
IZH = {
    "leak_str": (1, 7), "leak_en": (8, 1), "fi_sel": (9, 3), "spk_ref": (12, 3), "isi_ref": (15, 3), "reson_sharp_en": (18, 1),
    "thr": (19, 3),
    "rfr": (22, 3), "dapdel": (25, 3), "spklat_en": (28, 1), "dap_en": (29, 1), "stim_thr": (30, 3), "phasic_en": (33, 1),
    "mixed_en": (34, 1),
    "class2_en": (35, 1), "neg_en": (36, 1), "rebound_en": (37, 1), "inhin_en": (38, 1), "bist_en": (39, 1), "reson_en": (40, 1),
    "thrvar_en": (41, 1), "thr_sel_of": (42, 1), "thrleak": (43, 4), "acc_en": (47, 1), "ca_en": (48, 1), "thetamem": (49, 3),
    "theta1": (52, 3),
    "theta2": (55, 3), "theta3": (58, 3), "ca_leak": (61, 5), "burst_incr": (66, 1), "reson_sharp_amt": (67, 3),
    "inacc": (70, 11), "refrac": (81, 1), "core": (82, 4), "dapcnt": (86, 3), "ss": (89, 4), "st": (93, 4), "plock": (97, 1),
    "mlock": (98, 1),
    "done": (99, 1), "stim0": (100, 2), "inhexc": (102, 2), "block": (104, 1), "ilock": (105, 1), "rsign": (106, 2), "thrmod": (108, 4),
    "thrlcnt": (112, 4), "Ca": (116, 3), "cacnt": (119, 5), "bulock": (124, 1),
}  # fmt: skip


def unpack(word: int) -> dict:
    """Fields of a 128-bit neuron word."""
    n = {k: (word >> lsb) & ((1 << width) - 1) for k, (lsb, width) in (LIF if word & 1 else IZH).items()}
    n.update(word=word, lif=word & 1, disable=word >> 127)
    return n


def pack(n: dict) -> int:
    """The word with the fields put back; bits that belong to no field are kept."""
    word = n["word"]
    for k, (lsb, width) in (LIF if n["lif"] else IZH).items():
        mask = ((1 << width) - 1) << lsb
        word = (word & ~mask) | ((n[k] << lsb) & mask)
    return word


def signed4(x: int) -> int:
    return x - 16 if x & 8 else x


def calcium(n: dict, tref: int, spike: bool, inc: int) -> int:
    """Section 3, calcium; returns Ca' and writes cacnt."""
    pulse = False
    if n["ca_en"] and n["ca_leak"] and tref:
        if n["cacnt"] == n["ca_leak"] - 1:
            n["cacnt"], pulse = 0, True
        else:
            n["cacnt"] = (n["cacnt"] + 1) % 32
    if n["ca_en"]:
        if spike and not pulse:
            return min(7, n["Ca"] + inc)
        if pulse and not spike and n["Ca"] > 0:
            return n["Ca"] - 1
    return n["Ca"]


def lif(n: dict, tref: int, w: int, inh: int) -> tuple:
    """Section 3: one access; returns spike, spk, isi, UP, DOWN."""
    if tref:
        v = max(0, n["V"] - n["leak_str"]) if n["leak_en"] else n["V"]
    else:
        v = max(0, n["V"] - w) if inh else min(255, n["V"] + w)
    spike = v >= n["thr"]
    n["V"] = 0 if spike else v
    n["Ca"] = calcium(n, tref, spike, 1)
    up = bool(n["ca_en"] and n["V"] >= n["thetamem"] and n["theta1"] <= n["Ca"] < n["theta3"])
    down = bool(n["ca_en"] and n["V"] < n["thetamem"] and n["theta1"] <= n["Ca"] < n["theta2"])
    return spike, 0, 0, int(up), int(down)


def izh(n: dict, tref: int, w: int, inh: int, burst_end: bool) -> tuple:
    """Section 4: one access; returns spike, spk, isi, UP, DOWN."""
    o = dict(n)
    core, st, ss = o["core"], o["st"], o["ss"]
    step = (-o["leak_str"] if o["leak_en"] else 0) if tref else (-w if inh else w)  # 4.1
    n["inacc"] = (o["inacc"] + step) % 2048
    b = 3 + o["fi_sel"]
    carry = ((n["inacc"] >> b) ^ (o["inacc"] >> b)) & 1
    ovl, ove, ovi = carry and tref, carry and not tref and not inh, carry and not tref and inh
    ge = not ss & 8 and (ss & 7) >= o["stim_thr"]  # 4.2
    tge = not st & 8 and (st & 7) >= o["stim_thr"]
    tgi = bool(st & 8) and (-st % 16) >= o["stim_thr"]
    zero = tref and st == 0
    lone_e = zero and not o["stim0"] & 2 and o["inhexc"] & 1
    lone_i = zero and not o["stim0"] & 2 and o["inhexc"] & 2
    if tref:
        n["st"], n["ss"] = 0, st
        n["stim0"] = ((o["stim0"] & 1) << 1) | (st != 0)
        n["inhexc"] = (tgi << 1) | tge
    elif ove and st != 7:
        n["st"] = (st + 1) % 16
    elif ovi and st != 9:
        n["st"] = (st - 1) % 16
    T = (o["thr"] + o["thrmod"]) % 16  # 4.3
    c = core  # 4.4
    r = o["rsign"]
    if (o["spklat_en"] and o["dapcnt"]) or (o["plock"] and core == 0):
        pass
    elif tref:
        if o["reson_en"]:
            c = core - 1 if r == 3 else core
        elif o["refrac"]:
            c = core if o["bulock"] else core + 1
        elif o["acc_en"]:
            c = core if o["done"] else core - st
        elif o["dap_en"] and o["dapcnt"] == 1 and core:
            c = 0
        elif ovl and core:
            c = core + 1 if core & 8 else core - 1
    elif ovi:
        if o["reson_en"]:
            c = (core if core == 7 else core + 1) if r in (1, 3) else (core if core == 0 else core - 1)
        elif not o["refrac"] and core != (8 if o["neg_en"] else 0):
            c = core - 1
    elif ove:
        if o["reson_en"]:
            c = (core if core == 0 else core - 1) if r in (1, 3) else (core if core == 7 else core + 1)
        elif not (o["refrac"] or (o["class2_en"] and not ge and not tge) or core == 7):
            c = core + 1
    c %= 16
    rn = r  # 4.5
    if not o["reson_en"]:
        rn = 0
    elif tref:
        rn = 0 if core == 0 else {0: 3, 1: 2, 2: 0, 3: 0 if c == 0 else 1}[r]
    if o["reson_sharp_en"]:  # 4.6
        spike = ove and o["dapcnt"] == o["reson_sharp_amt"]
    elif o["spklat_en"]:
        spike = tref and o["dapcnt"] == 1
    elif o["rebound_en"]:
        spike = lone_i or c == T
    elif o["bist_en"]:
        spike = (not o["block"] and lone_e) or (o["block"] and c == 0) or c == T
    elif o["ilock"]:
        spike = c == 0
    elif o["reson_en"]:
        spike = rn == 0 and c == T
    else:
        spike = c == T
    spike = bool(spike)
    refen = not o["dap_en"] and o["rfr"] != 0  # 4.7
    if o["inhin_en"] and not o["refrac"] and (-core % 16) == T:
        n["ilock"] = 1
    elif tref and o["ilock"] and zero:
        n["ilock"] = 0
    n["refrac"] = int(refen and not o["reson_en"]) if spike or n["ilock"] else (0 if c == 0 else o["refrac"])
    n["core"] = ((o["rfr"] if o["dap_en"] or o["reson_en"] else -o["rfr"]) % 16) if spike else c
    n["rsign"] = 1 if spike and o["reson_en"] else rn
    if o["reson_sharp_en"]:
        n["dapcnt"] = o["dapcnt"] + 1 if tref and o["dapcnt"] != 7 else (0 if ove else o["dapcnt"])
    elif (o["dap_en"] and spike) or (o["spklat_en"] and c == T and core != T):
        n["dapcnt"] = o["dapdel"]
    elif tref and o["dapcnt"]:
        n["dapcnt"] -= 1
    if (spike and (tge or ge)) or (tref and o["done"] and (core == 0 or o["refrac"]) and tge):
        n["plock"], n["mlock"] = o["phasic_en"], o["mixed_en"]
    elif not ge:
        n["plock"], n["mlock"] = 0, 0
    n["done"] = 0 if tref else (1 if spike else o["done"])
    if tref and o["bist_en"] and lone_e:
        n["block"] ^= 1
    spk, isi = (0, 0) if o["mlock"] else (o["spk_ref"], o["isi_ref"])
    n["bulock"] = 1 if spike and spk else (0 if burst_end else o["bulock"])
    pulse = False
    if o["thrvar_en"] and o["thrleak"] and tref:
        pulse = o["thrlcnt"] == o["thrleak"] - 1
        n["thrlcnt"] = 0 if pulse else (o["thrlcnt"] + 1) % 16
    inc = spk + (spk != 7)
    if o["acc_en"]:
        if tref:
            pa = (st + o["thr"]) % 16
            n["thrmod"] = ((1 if st & 8 else 7) - o["thr"]) % 16 if pa & 8 else st
    elif o["thrvar_en"]:
        if spike if o["thr_sel_of"] else ove:
            if o["burst_incr"]:
                n["thrmod"] = 7 if (7 - T) % 16 < inc else (o["thrmod"] + inc) % 16
            else:
                n["thrmod"] = o["thrmod"] if T == 7 else (o["thrmod"] + 1) % 16
        elif not o["thr_sel_of"] and ovi:
            n["thrmod"] = o["thrmod"] if T == 1 else (o["thrmod"] - 1) % 16
        elif pulse and o["thrmod"]:
            n["thrmod"] = (o["thrmod"] + (1 if o["thrmod"] & 8 else -1)) % 16
    n["Ca"] = calcium(n, tref, spike, inc if o["burst_incr"] else 1)  # 4.8
    v = signed4(n["core"])
    up = bool(n["ca_en"] and v >= 0 and v >= n["thetamem"] and n["theta1"] <= n["Ca"] < n["theta3"])
    down = bool(n["ca_en"] and v >= 0 and v < n["thetamem"] and n["theta1"] <= n["Ca"] < n["theta2"])
    return spike, spk, isi, int(up), int(down)


def sdsp(x: int, up: int, down: int, update_unmapped: int) -> int:
    """Section 2.1: one synapse update at a presynaptic event."""
    if not (x & 8 or update_unmapped):
        return x
    w = x & 7
    if up and down and w in (0, 7):
        return x
    return (x & 8) | (min(7, w + 1) if up else max(0, w - 1) if down else w)


class Odin:
    """Registers, memories and the clock of one chip."""

    def __init__(self, trace):
        g = lambda k: int(trace[k])  # noqa: E731
        self.open, self.src, self.mon = g("open_loop"), g("aer_src_ctrl_nneur"), g("out_aer_monitor_en")
        self.mon_neur, self.mon_syn = g("monitor_neur_addr"), g("monitor_syn_addr")
        self.upd, self.prop, self.sdsp_syn = g("update_unmapped_syn"), g("propagate_unmapped_syn"), g("sdsp_on_syn_stim")
        self.R = 0 if self.open else g("burst_timeref")
        self.sign = [int(x) for x in trace["syn_sign"]]
        self.n = [unpack(int.from_bytes(bytes(bytearray(int(b) for b in row)), "little")) for row in trace["neur_init"]]
        self.S = [[int(x) for x in row] for row in trace["syn_init"]]
        self.up, self.dn = [int(x) for x in trace["vup_init"]], [int(x) for x in trace["vdn_init"]]
        self.stim = [int(a) for a in trace["stim_addr"]]
        self.wait = [int(a) for a in trace["stim_wait_idle"]]
        self.mem, self.rd, self.fill = [0] * 32, 0, 0
        self.burst = [[] for _ in range(57)]
        self.pushed = [0] * 57
        self.Q = [0] * 8
        self.cycle, self.busy, self.index, self.torn = 0, 0, -1, False
        self.out, self.starts, self.trace, self.lost = [], [], [], 0

    def prio(self):
        return (self.cycle // (self.R + 1)) % 57 if self.R else 0

    def source(self):
        """(data, burst end flag, is a burst entry) that the scheduler shows in this cycle (section 5.3)."""
        queue = self.burst[self.prio()] if self.R else []
        return (queue[0][1], queue[0][0], True) if queue else (self.mem[self.rd], 0, False)

    def empty(self):
        return not self.fill and not (self.R and self.burst[self.prio()])

    def push(self, data):
        if self.fill == 32:
            self.lost += 1
            return
        self.mem[(self.rd + self.fill) % 32] = data
        self.fill += 1

    def pop(self, entries):
        """Remove the shown entry; ``entries`` is the number in the main FIFO before this cycle's push."""
        if self.R and self.burst[self.prio()]:
            self.burst[self.prio()].pop(0)
        elif entries:
            self.rd, self.fill = (self.rd + 1) % 32, self.fill - 1

    def emit(self, *values):
        """Output bytes; the link is busy from the next cycle on."""
        t = self.cycle + 1
        for k, value in enumerate(values):
            self.out.append((value, self.index, t))
            t += 6 + (k + 1 < len(values))
        self.busy = t

    def stall(self):
        self.cycle = max(self.cycle, self.busy)

    def access(self, read, i, tref, w, inh, burst_end=False, synapse=None, swept=None):
        """Write cycle of neuron i with the word that was read at address ``read`` (section 2.1, 5.3, 6)."""
        n = dict(self.n[read])
        spike, spk, isi, up, down = lif(n, tref, w, inh) if n["lif"] else izh(n, tref, w, inh, burst_end)
        n["word"] = pack(n)
        self.n[i], self.up[i], self.dn[i] = n, up, down
        spike = spike and not n["disable"]
        if spike and not self.open:
            self.push(i)
            if self.R:
                for k in range(1, spk + 1):
                    q = (self.prio() + k * (isi + 1)) % 57
                    if self.pushed[q] == 4:
                        raise OverflowError("burst FIFO beyond its four entries")
                    self.pushed[q] += 1
                    self.burst[q].append((int(k == spk), i))
        bytes_out = []
        if self.mon:
            if i == self.mon_neur:
                ev = spike if not self.src else swept == self.mon_neur
                rs = 0 if n["lif"] else n["rsign"]
                v = n["V"] if n["lif"] else n["core"]
                bytes_out += [(int(bool(ev)) << 7) | (up << 6) | (down << 5) | (n["Ca"] << 2) | rs, v]
            if synapse is not None:
                bytes_out.append(0xF0 | synapse)
        elif not self.src and spike:
            bytes_out.append(i)
        elif self.src and swept is not None and i == self.mon_neur:
            bytes_out.append(swept)
        if bytes_out:
            self.emit(*bytes_out)

    def weight(self, lane):
        x = self.Q[lane]
        return x & 7 if x & 8 or self.prop else 0

    def monitored(self, row, group):
        """Lane of the monitored synapse when its word is written, else None."""
        return self.mon_neur % 8 if self.mon and row == self.mon_syn and group == self.mon_neur // 8 else None

    def sweep_spike(self):
        for i in range(256):
            self.stall()
            row = self.source()[0] & 255  # read cycle
            if i % 8 == 0:
                self.Q = self.S[row][i : i + 8]
            self.cycle += 1
            data, last, _ = self.source()  # write cycle
            row, byte, held = data & 255, None, self.Q
            if i % 8 == 0:
                new = [sdsp(x, self.up[i + k], self.dn[i + k], self.upd) for k, x in enumerate(self.Q)]
                held = self.S[row][i : i + 8]
                self.S[row][i : i + 8] = new
                lane = self.monitored(row, i // 8)
                byte = None if lane is None else new[lane]
            entries = self.fill
            self.access(i, i, 0, self.weight(i % 8), self.sign[row], bool(last and row == i), byte if i == self.mon_neur else None, row)
            if byte is not None and i != self.mon_neur:
                self.emit(0xF0 | byte)
            self.Q = held
            if i == 255:
                self.pop(entries)
            self.cycle += 1

    def virtual(self):
        read = self.source()[0] & 255
        self.cycle += 1
        data = self.source()[0]
        i, virt, entries = data & 255, data >> 8, self.fill
        self.torn |= read != i or not virt
        if virt:
            self.access(read, i, virt & 1, virt >> 2, (virt >> 1) & 1)
        else:  # the source changed to a spike between the two cycles
            self.access(read, i, 0, self.weight(i % 8), self.sign[0])
        self.pop(entries)
        self.cycle += 1

    def synapse(self, pre, post):
        g = post // 8 * 8
        self.Q = self.S[pre][g : g + 8]
        self.cycle += 1
        w = self.weight(post % 8)
        if self.sdsp_syn:
            self.S[pre][post] = sdsp(self.S[pre][post], self.up[post], self.dn[post], self.upd)
        lane = self.monitored(pre, post // 8)
        byte = None if lane is None else self.S[pre][g + lane]
        self.access(post, post, 0, w, self.sign[pre], synapse=byte if post == self.mon_neur else None)
        if byte is not None and post != self.mon_neur:
            self.emit(0xF0 | byte)
        self.cycle += 1

    def bistability(self, rows):
        for row in rows:
            for g in range(32):
                self.stall()
                self.Q = self.S[row][8 * g : 8 * g + 8]
                self.cycle += 1
                for k, x in enumerate(self.Q):
                    if x & 8 or self.upd:
                        w = x & 7
                        self.S[row][8 * g + k] = (x & 8) | (min(7, w + 1) if w >= 4 else max(0, w - 1))
                lane = self.monitored(row, g)
                if lane is not None:
                    self.emit(0xF0 | self.S[row][8 * g + lane])
                self.cycle += 1

    def serve(self, a):
        """One input event (section 2)."""
        if a >> 16:
            self.synapse((a >> 8) & 255, a & 255)
        elif a & 127 == 127:
            for i in [(a >> 8) & 255] if a & 128 else range(256):
                self.stall()
                self.cycle += 1
                self.access(i, i, 1, 0, 0)
                self.cycle += 1
        elif a & 127 == 0:
            self.bistability([(a >> 8) & 255] if a & 128 else range(256))
        else:
            self.push((((a >> 3) & 31) << 8) | ((a >> 8) & 255))
            self.cycle += 1

    def run(self, limit: int):
        k, req = 0, 0 if self.stim else None
        while True:
            self.stall()
            if self.cycle > limit:
                raise TimeoutError("the chip does not come to rest")
            pending = req is not None and self.cycle >= req + 2
            bist = pending and not self.stim[k] >> 16 and not self.stim[k] & 127
            if self.fill == 32 or ((not pending or bist) and not self.empty()):
                virt = self.source()[0] >> 8
                self.cycle += 1
                self.virtual() if virt else self.sweep_spike()
            elif pending:
                self.cycle += 1
                self.index = k
                self.starts.append(self.cycle)
                self.serve(self.stim[k])
                self.cycle += 3
                k += 1
                req = self.cycle if k < len(self.stim) and not self.wait[k] else None
            elif req is None and not any(self.burst):
                self.trace.append((k - 1, [pack(n) for n in self.n], list(self.up), list(self.dn)))
                if k == len(self.stim):
                    return
                req = self.cycle
            else:
                self.cycle += 1
                if req is None and self.R:  # nothing can happen before the priority moves
                    self.cycle += -self.cycle % (self.R + 1)


def replay(trace, limit: int = 10**9) -> dict:
    """Everything a recorded trace expects, from its inputs; ``torn`` says that a virtual event changed its address half way."""
    chip = Odin(trace)
    chip.run(limit)
    return {
        "out_addr": [o[0] for o in chip.out], "out_stim_index": [o[1] for o in chip.out], "out_cycle": [o[2] for o in chip.out],
        "stim_start_cycle": chip.starts, "total_cycles": chip.cycle, "syn_final": chip.S, "vup_final": chip.up, "vdn_final": chip.dn,
        "neur_final": [list(pack(n).to_bytes(16, "little")) for n in chip.n], "trace": chip.trace, "lost": chip.lost, "torn": chip.torn,
    }  # fmt: skip
