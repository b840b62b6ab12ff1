"""Files and JSON from outside: regular files of a bounded size that do not leave their folder, and documents that a schema allows."""

import os

import pytest

from brian2chip.core.files import open_file, read_bytes, read_text
from brian2chip.core.json_files import list_of, object_of, parse_json, read_json
from brian2chip.errors import UserError


def refused(call, *words):
    with pytest.raises(UserError) as error:
        call()
    text = str(error.value)
    assert "\n" not in text and len(text) < 700 and all(word in text for word in words), text


def test_only_regular_files_of_a_bounded_size_are_opened(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo")
    assert read_text(path, "test") == "one\ntwo" and read_bytes(path, "test", largest=8) == b"one\r\ntwo"
    refused(lambda: read_bytes(path, "test", largest=7), "a.txt", "MiB")
    refused(lambda: read_bytes(tmp_path / "none", "test", largest=7), "there is no test file")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name in (tmp_path, tmp_path / "pipe", "/dev/zero", tmp_path / "loop", "a\0b", tmp_path / ("x" * 300), path / "b"):
        refused(lambda name=name: read_bytes(name, "test", largest=7))
    path.write_bytes(b"caf\xe9")
    refused(lambda: read_text(path, "test"), "a.txt", "byte 3")


def test_links_out_of_a_folder_are_not_followed(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_text("x")
    (tmp_path / "in" / "own").write_text("x")
    (tmp_path / "in" / "near").symlink_to("own")
    (tmp_path / "in" / "out").symlink_to("../secret")
    (tmp_path / "also").symlink_to("in")
    for folder in (tmp_path / "in", tmp_path / "also"):
        for name in ("own", "near"):
            with open_file(folder / name, "test", inside=folder) as file:
                assert file.read() == b"x"
        for name in ("out", "../secret", ".."):
            refused(lambda f=folder / name, d=folder: read_bytes(f, "test", largest=9, inside=d), "leads out of the folder")


SCHEMA = object_of(n={"type": "integer"}, rows=list_of({"type": "number"}, most=3))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('{"n": 1.0, "rows": []}', "at n: 1.0 is not of type 'integer'"),
        ('{"n": true, "rows": []}', "at n"),
        ('{"n": 1, "rows": [0, "a"]}', "at rows/1"),
        ('{"n": 1, "rows": [0, 1, 2, 3]}', "too long"),
        ('{"n": 1}', "'rows' is a required property"),
        ('{"n": 1, "rows": [], "m": 2}', "'m'"),
        ("[]", "not of type 'object'"),
        ('{"n": NaN, "rows": []}', "NaN is no number of JSON"),
        ('{"n": 1, "rows": [-Infinity]}', "-Infinity"),
        ('{"n": 1, "rows": [1e400]}', "1e400 is too large"),
        ('{"n": 1, "n": 2, "rows": []}', "'n' is given twice"),
        ('{"n": ' + "9" * 5000 + ', "rows": []}', "not JSON"),
        ("[" * 41 + "]" * 41, "40 levels"),
        ("[" * 100_000, "40 levels"),
        ('"\\ud800"', "surrogate"),
        ("", "not JSON"),
        ("{'n': 1}", "not JSON"),
    ],
)
def test_documents_that_are_refused(text, word):
    refused(lambda: parse_json(text, "the head of 'x'", SCHEMA), "the head of 'x'", word)


def test_a_long_value_is_cut_in_the_middle_and_a_short_one_is_whole():
    value = "a" * 300
    with pytest.raises(UserError, match=r"at n: 'a{119} \.\.\. a+' is not of type 'integer'"):
        parse_json(f'{{"n": "{value}", "rows": []}}', "x", SCHEMA)
    with pytest.raises(UserError, match="at n: 'a{60}' is not of type 'integer'"):
        parse_json(f'{{"n": "{value[:60]}", "rows": []}}', "x", SCHEMA)


def test_documents_that_are_taken(tmp_path):
    (tmp_path / "a.json").write_text('{"n": -3, "rows": [1, 2.5e-3], "n2": 0}'.replace(', "n2": 0', ""))
    assert read_json(tmp_path / "a.json", "test", SCHEMA) == {"n": -3, "rows": [1, 2.5e-3]}
    assert parse_json("[" * 40 + "]" * 40, "x") is not None and parse_json('"\\u00e9\\ud83d\\ude00"', "x") == "é😀"
    (tmp_path / "a.json").write_bytes(b"\xff")
    refused(lambda: read_json(tmp_path / "a.json", "test"), "a.json", "byte 0")
