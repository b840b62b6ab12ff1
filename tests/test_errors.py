"""The one exception: a sentence in one line, with the nearest of the allowed names."""

import pickle

import pytest

from brian2chip.cli import main
from brian2chip.errors import LONGEST, UserError, unknown


def test_a_sentence_stands_in_one_line():
    error = UserError("one\ntwo\r\nthree\u2028four")
    assert str(error) == "one two three four" and str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_wrong_name_is_repeated_in_part():
    text = str(unknown("rule", "x" * 10_000, ["stdp", "triplet"]))
    assert len(text) < LONGEST + 100 and "choose one of stdp, triplet" in text
    assert str(unknown("third factor", "D", [])) == "there is no third factor 'D'; there is none at all, so leave it out."
    assert "did you mean 'stdp'" in str(unknown("rule", "stpd", ["stdp"])) and "'None'" in str(unknown("rule", None, ["stdp"]))


@pytest.mark.parametrize("word", ["x" * 100_000, "a\nb", "\x1b[31m", "\ud800", "\0"])
def test_words_of_a_command_line_cannot_change_the_form_of_the_answer(word, capsys):
    for arguments in (
        [word],
        ["run", word],
        ["show", word],
        ["run", "bi_poo_1998", word],
        ["inspect", word],
        ["train", "--bits", word, "x"],
    ):
        assert main(arguments) == 2
        said = capsys.readouterr().err
        assert said.startswith("brian2chip: ") and said.count("\n") == 1 and said[:-1].isprintable() and len(said) < 4100, said[:300]
