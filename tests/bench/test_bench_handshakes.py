"""Instructions as pins: four phases, the countdown until the chip is idle, the order within a tick, and a chip that does not answer."""

import pytest

from brian2chip.bench.handshakes import PATIENCE, RELEASED, Get, Set, Until, Wait, play
from brian2chip.bench.script import EN_CONF, ticks
from brian2chip.bench.transport import Level, Op, idle
from brian2chip.errors import UserError


class Pins:
    """A chip of a few lines: it acknowledges at once, and answers each event with the bytes that a list says, some cycles later.

    ``log`` holds (cycle, what was set, or ``"idle"`` and so on); ``answers`` is ``[(cycles after the request, byte), ...]`` of each event.
    """

    def __init__(self, chip, answers=(), deaf=False):
        self.chip, self.answers, self.deaf = chip, list(answers), deaf
        self.now, self.levels, self.log, self.due = 0, {}, [], []
        self.link = "OUT_REQ" if chip == "reckon" else "AEROUT_REQ"
        self.data = {"OUT_REQ": "OUT_DATA", "AEROUT_REQ": "AEROUT_ADDR"}[self.link]
        self.ack = {"OUT_REQ": "OUT_ACK", "AEROUT_REQ": "AEROUT_ACK"}[self.link]

    def level(self, pin):
        if pin == "AERIN_ACK":
            return int(not self.deaf and self.levels.get("AERIN_REQ", 0))
        if pin == "TIMING_ERROR_RDY":
            return int(not self.due)
        if pin == self.link:
            return int(bool(self.due) and self.due[0][0] <= self.now and not self.levels.get(self.ack, 0))
        return self.levels.get(pin, 0)

    def run(self, instructions):
        requests, answer = play(self.chip, instructions), None
        while True:
            try:
                request = requests.send(answer)
            except StopIteration as end:
                return end.value
            answer = self.answer(request)

    def answer(self, request):
        if isinstance(request, Set):
            if request.pin == self.ack and request.value:
                self.due.pop(0)
            if request.pin in ("AERIN_REQ", "TIME_TICK") and request.value > self.levels.get(request.pin, 0):
                given = self.answers.pop(0) if self.answers else []
                self.due += [(self.now + after, byte) for after, byte in given]
            self.levels[request.pin] = request.value
            self.log.append((self.now, request.pin, request.value))
        elif isinstance(request, Wait):
            self.now += request.cycles
        elif isinstance(request, Get):
            assert request.pin == self.data
            return self.due[0][1]
        elif isinstance(request, Until):
            began = self.now
            while True:
                for pin, value in request.levels.items():
                    if self.level(pin) == value:
                        return pin, self.now - began
                if self.now - began >= min(request.cycles, 5000):  # nothing of this chip takes longer
                    return None, self.now - began
                self.now += 1
        return None

    def times(self, pin, value=1):
        return [now for now, name, to in self.log if (name, to) == (pin, value)]


def test_the_phases_of_the_input_link():
    chip = Pins("odin")
    assert chip.run([(Op.EVENT, 0x1207)]) == []
    assert [(pin, value) for _, pin, value in chip.log] == [("AERIN_ADDR", 0x1207), ("AERIN_REQ", 1), ("AERIN_REQ", 0)]
    assert chip.times("AERIN_REQ")[0] > chip.times("AERIN_ADDR", 0x1207)[0]  # the address stands before it is requested


def test_output_belongs_to_the_instruction_during_which_it_came():
    chip = Pins("tinyodin", [[(10, 3), (20, 4)], [(1, 5)]])
    events = [(Op.EVENT, 1), idle(100, 0), (Op.EVENT, 2), idle(100, 0)]
    assert chip.run(events) == [(3, 1), (4, 1), (5, 3)]


def test_the_countdown_until_the_chip_is_idle():
    """100 cycles after the acknowledgement without output; each byte adds 30, and the countdown stands still during its handshake."""
    quiet = Pins("odin", [[], []])
    quiet.run([(Op.EVENT, 1), idle(100, 30), (Op.EVENT, 2)])
    first, second = quiet.times("AERIN_REQ")
    assert second - first == 100 + 2  # the address stands for two cycles

    loud = Pins("odin", [[(40, 1), (60, 2)], []])
    loud.run([(Op.EVENT, 1), idle(100, 30), (Op.EVENT, 2)])
    first, second = loud.times("AERIN_REQ")
    assert second - first == 100 + 2 * 30 + 2 * RELEASED + 2

    early = Pins("odin", [[(0, 1)], []])  # a byte before the acknowledgement was over counts as well
    early.deaf = False
    early.run([(Op.EVENT, 1), (Op.WAIT, 3), idle(100, 30), (Op.EVENT, 2)])
    first, second = early.times("AERIN_REQ")
    assert 130 <= second - first <= 130 + 3 + RELEASED + 2


def test_a_tick_of_reckon():
    chip = Pins("reckon", [[], [(5, 1)]])
    level = Level.SAMPLE | Level.INFER_ACC
    out = chip.run([(Op.LEVELS, level), (Op.EVENT, 7), (Op.WAIT, 4), (Op.TICK, 0), (Op.WAIT, 8), (Op.READY, 0)])
    assert out == [(1, 5)]
    assert [(p, v) for _, p, v in chip.log[:3]] == [("SAMPLE", 1), ("TARGET_VALID", 0), ("INFER_ACC", 1)]
    assert chip.times("TIME_TICK")[0] - chip.times("INFER_ACC")[0] >= 4
    assert chip.times("TIME_TICK", 0)[0] - chip.times("TIME_TICK")[0] >= 8


def test_a_target_goes_over_the_input_link_with_its_own_pin():
    chip = Pins("reckon")
    chip.run([(Op.TARGET, 1), (Op.EVENT, 9)])
    assert [v for _, pin, v in chip.log if pin == "AERIN_TAR_EN"] == [1, 0, 0, 0]
    assert chip.times("AERIN_TAR_EN")[0] <= chip.times("AERIN_REQ")[0] <= chip.times("AERIN_TAR_EN", 0)[0]


def test_a_chip_that_does_not_answer_is_named():
    with pytest.raises(UserError, match=rf"AERIN_ACK did not become 1 within {PATIENCE} clock cycles \(instruction 1, EVENT 0x2a\)"):
        Pins("odin", deaf=True).run([(Op.WAIT, 1), (Op.EVENT, 42)])


class Tables:
    """A folder of ReckOn of one learning and one other sample, three ticks each."""

    chip, path = "reckon", "here"

    def __init__(self, targets):
        self.tables = {
            "ticks": [(0, 0, 1, 0, 0, 7, 1), (0, 1, 3, 1, 1, 7, 1), (1, 0, 3, 0, 1, 0, 0)],
            "events": [(0, 0, 5), (0, 2, 6), (1, 1, 7)],
            "targets": [(0, 1, 0, 44), (0, 1, 1, 45)],
        }
        names = {"ticks": "ticks", "events": "events", "targets": "targets" if targets else None}
        self.document = {"top": "reckon", "pins": {"inputs": {"AERIN_ADDR": 8}}, "stimulus": names}

    def table(self, name, columns):
        import pandas as pd

        return pd.DataFrame(self.tables[name], columns=list(columns))


def test_a_label_is_sent_after_the_first_tick_and_learning_is_switched_between_samples():
    one, other = ticks(Tables(targets=False))
    assert one.transactions == [(EN_CONF, 1), (0x00010009, 7), (EN_CONF, 0)] and other.transactions[1] == (0x00010009, 0)
    ops = [(op, value) for op, value in one.instructions if op not in (Op.WAIT, Op.LEVELS)]
    tick, ready = (Op.TICK, 0), (Op.READY, 0)
    assert ops == [(Op.EVENT, 5), tick, ready, (Op.TARGET, 1), tick, ready, (Op.EVENT, 6), tick, ready]
    levels = [value for op, value in one.instructions if op is Op.LEVELS]
    both = Level.TARGET_VALID | Level.INFER_ACC
    assert levels == [Level.SAMPLE, Level.SAMPLE, Level.SAMPLE | both, both, 0]  # SAMPLE is low in the last tick
    assert Op.TARGET not in [op for op, _ in other.instructions]
    assert [tuple(place) for place, (op, _) in zip(one.places.tolist(), one.instructions) if op is Op.EVENT] == [(0, 0), (0, 2)]


def test_targets_are_sent_while_the_chip_waits_in_its_tick():
    one, _ = ticks(Tables(targets=True))
    ops = [(op, value) for op, value in one.instructions if op not in (Op.WAIT, Op.LEVELS)]
    assert ops[3:7] == [(Op.TICK, 0), (Op.TARGET, 44), (Op.TARGET, 45), (Op.READY, 0)]


def test_a_target_that_the_link_cannot_carry():
    tables = Tables(targets=True)
    tables.tables["targets"][1] = (0, 1, 1, 256)
    with pytest.raises(UserError, match="row 1 of the stimulus in 'here' has value 256; .* 8 bits, 0 to 255: scale the targets"):
        ticks(tables)
