"""Every field of every chip: one below and one above its range, and values that are no whole numbers, are refused everywhere."""

import json
import re
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from brian2chip.chips.codec import check, pack
from brian2chip.chips.configuration_file import configuration_of, document_and_arrays
from brian2chip.chips.odin import fields as odin_fields
from brian2chip.chips.odin import files as odin_files
from brian2chip.chips.odin.configuration import Configuration as Odin
from brian2chip.chips.odin_family.placed import PlacedNetwork
from brian2chip.chips.reckon import files as reckon_files
from brian2chip.chips.reckon.configuration import Configuration as ReckOn
from brian2chip.chips.reckon.fields import ALPHA, NEURON_WORD, REGISTERS, WEIGHT
from brian2chip.chips.reckon.memory import NEURON_STATE, Memory
from brian2chip.chips.reckon.spi_program import read_program
from brian2chip.chips.tinyodin import fields as tiny_fields
from brian2chip.chips.tinyodin import files as tiny_files
from brian2chip.chips.tinyodin.configuration import Configuration as TinyOdin
from brian2chip.core.registry import catalogue, get
from brian2chip.errors import UserError

TINY = {f.name: f.default for f in tiny_fields.REGISTERS}


def tiny(registers=TINY, words=None, synapses=None):
    none = np.zeros(256, np.int64), np.zeros((256, 256), np.uint8)
    return TinyOdin(registers, none[0] if words is None else words, none[1] if synapses is None else synapses)


def wrong(field):
    """Return values that a field refuses."""
    whole = [field.minimum - 1, field.maximum + 1]
    middle = (field.minimum + field.maximum) // 2
    return [
        *whole,
        *(np.int64(v) for v in whole if abs(v) < 1 << 62),
        float(middle),
        middle + 0.5,
        True,
        np.bool_(False),
        str(middle),
        None,
    ]


def refused(make, value):
    with pytest.raises(UserError) as error:
        make(value)
    assert str(error.value).endswith(".") and "\n" not in str(error.value), value


def packed(field, value):
    return pack([field], {field.name: value})


CHIPS = sorted(name for name in catalogue("chip") if get("chip", name).fields)


@pytest.mark.parametrize("chip", CHIPS)
def test_the_codec_takes_whole_numbers_of_the_range_only(chip):
    for field in get("chip", chip).fields:
        for value in wrong(field):
            refused(partial(check, field, chip=chip), value)
            refused(partial(packed, field), value)
        for value in (field.minimum, field.maximum):
            assert int(check(field, value)[()]) == value


MADE = {
    "odin registers": (odin_fields.REGISTERS, lambda f: lambda v: Odin.blank().with_registers(**{f.name: v})),
    "odin LIF": (odin_fields.LIF[1:], lambda f: lambda v: Odin.blank().with_neurons([3], lif=1, **{f.name: v})),
    "odin Izhikevich": (odin_fields.IZHIKEVICH[1:], lambda f: lambda v: Odin.blank().with_neurons([3], lif=0, **{f.name: v})),
    "odin model": (odin_fields.LIF[:1], lambda f: lambda v: Odin.blank().with_neurons([3], lif=v)),
    "tinyodin registers": (tiny_fields.REGISTERS, lambda f: lambda v: tiny({**TINY, f.name: v})),
    "reckon registers": (
        [f for f in REGISTERS if f.name != "ALPHA_CONF"],
        lambda f: lambda v: ReckOn.of().with_registers(**{f.name: v}),
    ),
    "reckon registers, all of them": (REGISTERS, lambda f: lambda v: replace(ReckOn.of(), registers={**ReckOn.of().registers, f.name: v})),
    "reckon thresholds": (NEURON_WORD[8:9], lambda f: lambda v: ReckOn.of(thr=v)),
    "reckon leaks": ([ALPHA], lambda f: lambda v: ReckOn.of(alpha=v)),
    "reckon weights": ([WEIGHT], lambda f: lambda v: Memory.of(ReckOn.of(), [[v]], [[0]], [[0]])),
    "reckon states": (
        [f for f in NEURON_WORD if f.name[:-1] in NEURON_STATE and f.name.endswith("0")],
        lambda f: lambda v: Memory.of(ReckOn.of(), [[0]], [[0]], [[0]], neurons={f.name[:-1]: [v]}),
    ),
}


@pytest.mark.parametrize("kind", MADE)
def test_no_object_is_made_with_a_wrong_value(kind):
    fields, maker = MADE[kind]
    assert len(fields)
    for field in fields:
        for value in wrong(field):
            refused(maker(field), value)


ARRAYS = {
    "odin syn_sign": (lambda v: replace(Odin.blank(), syn_sign=v), (256,), 1),
    "odin synapses": (lambda v: replace(Odin.blank(), synapses=v), (256, 256), 15),
    "odin up": (lambda v: replace(Odin.blank(), up=v), (256,), 1),
    "odin down": (lambda v: replace(Odin.blank(), down=v), (256,), 1),
    "odin words": (lambda v: replace(Odin.blank(), words=v), (256,), (1 << 128) - 1),
    "tinyodin words": (lambda v: replace(tiny(), words=v), (256,), (1 << 32) - 1),
    "tinyodin synapses": (lambda v: replace(tiny(), synapses=v), (256, 256), 15),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_no_memory_is_made_with_a_wrong_value(kind):
    make, shape, largest = ARRAYS[kind]
    blank = np.zeros(shape, object)
    for value in (-1, largest + 1, 1.0, 0.5, True, "1", None):
        given = blank.copy()
        given[(3,) * len(shape)] = value
        refused(make, given)
    for given in (np.zeros(shape), np.zeros(shape, bool), np.zeros(shape, complex), np.zeros((7,), int), None):
        refused(make, given)


def placed():
    return PlacedNetwork(tiny(), {"out": (0, 4)}, 5, 3, {"out": 0.5})


PLACED = [("period", v) for v in (-1, -3, 2.0, 2.5, True, 1 << 40)] + [
    *(("reset_references", v) for v in (-1, 3.0, True, 10**9)),
    *(("neurons", {"out": v}) for v in ((300, 310), (-1, 4), (0.0, 4.0), (False, True), (4, 4), (0, 257), (0, 1, 2), 3)),
    *(("scale", {"out": v}) for v in (0, -1.0, float("nan"), float("inf"), True, "1")),
]


@pytest.mark.parametrize("name, value", PLACED)
def test_no_placed_network_is_made_or_read_with_a_wrong_value(name, value):
    refused(lambda v: replace(placed(), **{name: v}), value)
    document, arrays = document_and_arrays(placed(), 1)
    document["fields"][name] = json.loads(json.dumps(value))
    refused(lambda d: configuration_of(PlacedNetwork[TinyOdin], 1, d, arrays, "tinyodin"), document)


@pytest.mark.parametrize("make, registers", [(Odin.blank, odin_fields.REGISTERS), (tiny, tiny_fields.REGISTERS)])
def test_no_configuration_is_read_with_a_wrong_register(make, registers):
    document, arrays = document_and_arrays(make(), 1)
    for field in registers:
        for value in wrong(field)[:2] + [1.0, 0.5, True, "1", None]:
            fields = {**document["fields"], "registers": {**document["fields"]["registers"], field.name: value}}
            refused(lambda d: configuration_of(type(make()), 1, d, arrays, "the chip"), {**document, "fields": fields})


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Return a folder with one of ReckOn, as it is written."""
    top = tmp_path_factory.mktemp("folders")
    configuration = ReckOn.of()
    reckon_files.write(top / "reckon", configuration, Memory.of(configuration, [[0]], [[0]], [[0]]))
    return top


READ = {"odin": (odin_files, odin_fields.REGISTERS), "tinyodin": (tiny_files, tiny_fields.REGISTERS)}


@pytest.mark.parametrize("chip", READ)
def test_no_transaction_is_read_with_a_wider_register(chip):
    """A data word of more bits than the register has would be cut by the chip."""
    files, registers = READ[chip]
    pairs = files.spi_transactions(Odin.blank() if chip == "odin" else tiny())
    for field in registers:
        if field.bits < 20:
            wide = pairs[:3].copy()
            wide[2] = field.lsb, 1 << field.bits
            refused(files.program, wide)


def test_no_folder_of_reckon_is_read_with_a_wrong_register(folders, tmp_path):
    (tmp_path / "r").mkdir()
    for path in (folders / "reckon").iterdir():
        (tmp_path / "r" / path.name).write_bytes(path.read_bytes())
    document = json.loads((tmp_path / "r" / "reckon.json").read_text())
    for field in REGISTERS:
        for value in (field.minimum - 1, field.maximum + 1, float(field.default), field.default + 0.5, True, "1", None):
            changed = {**document, "registers": {**document["registers"], field.name: value}}
            (tmp_path / "r" / "reckon.json").write_text(json.dumps(changed))
            refused(reckon_files.read, tmp_path / "r")
    for name in ("thr", "alpha"):
        for value in (-(1 << 15) - 1, 1 << 16, 30000.0, True):
            (tmp_path / "r" / "reckon.json").write_text(json.dumps({**document, name: [value, *document[name][1:]]}))
            refused(reckon_files.read, tmp_path / "r")


def test_no_program_of_reckon_is_read_with_a_wider_register(folders, tmp_path):
    lines = (folders / "reckon" / "spi_program.txt").read_text().splitlines()
    for field in REGISTERS:
        if field.bits >= 32:
            continue
        head = f"{1 << 16 | int(field.word):08x}"
        wide = [f"{head} {1 << field.bits:08x}" if line.startswith(head) and int(field.word) else line for line in lines]
        if int(field.word) == 0:
            wide[0] = f"{head} 00000002"
        (tmp_path / "p.txt").write_text("\n".join(wide) + "\n")
        with pytest.raises(UserError, match=re.escape(f"register {field.word} of ReckOn has {field.bits} bits")):
            read_program(tmp_path / "p.txt")
