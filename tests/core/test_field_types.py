"""Every field of a definition is checked against its annotation when it is made."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from brian2 import ms, mV

import brian2chip as bc
from brian2chip.core.field_types import fits, words
from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.training_config import TrainingConfig
from brian2chip.plasticity.eprop import EPROP
from brian2chip.tasks.pattern_generation import PATTERN_GENERATION


@pytest.mark.parametrize(
    ("annotation", "yes", "no"),
    [
        (int, [1, 0, -3, np.int64(2), 2.0], [True, 1.5, "1", None, 1j, np.nan]),
        (float, [1, 1.5, np.float32(1), np.nan], [False, "1", None, 1j, 1 * ms]),
        (bool, [True, False, np.True_], [1, 0, "True", None]),
        (str, ["", "a"], [1, None, b"a"]),
        (str | None, ["a", None], [1]),
        (Callable, [print, len], [1, None, "print"]),
        (Mapping[str, Any], [{}, {"a": 1}], [[], {1: 1}, None]),
        (Mapping[str, tuple], [{"a": (1, 2)}], [{"a": 1}]),
        (tuple[tuple[str, str], ...], [(), (("a", "b"),), [["a", "b"]]], [("a", "b"), "ab", ((1, 2),), (("a",),)]),
        (np.ndarray, [np.zeros(2)], [[0, 0], None]),
    ],
)
def test_what_fits(annotation, yes, no):
    assert [fits(value, annotation) for value in yes] == [True] * len(yes)
    assert [fits(value, annotation) for value in no] == [False] * len(no)
    assert words(annotation)


RULE = {"name": "mine", "source": "test", "model": "w : 1", "on_pre": "w += 1"}
MODEL = {"name": "mine", "source": "test", "equations": "v : 1", "threshold": "v > 1", "reset": "v = 0"}
PROTOCOL = {"name": "mine", "source": "test", "conditions": list, "score": dict, "plot": None}


@pytest.mark.parametrize(
    ("kind", "fields", "changes", "words"),
    [
        (bc.Rule, RULE, {"on_pre": None}, "on_pre of rule 'mine' was given as None; it must be text"),
        (bc.Rule, RULE, {"on_pre": ["w += 1", 2]}, "on_pre of rule 'mine'"),
        (bc.Rule, RULE, {"on_post": {"a": 1}}, "on_post of rule 'mine'"),
        (bc.Rule, RULE, {"parameters": [1]}, "a mapping of names"),
        (bc.Rule, RULE, {"parameters": {"a": "much"}}, "must be one number"),
        (bc.Rule, RULE, {"parameters": {"a": [1, 2]}}, "must be one number"),
        (bc.Rule, RULE, {"parameters": {"a": np.nan}}, "is nan"),
        (bc.Rule, RULE, {"parameters": {"tau": 20 * ms}, "bounds": {"tau": (1, 100)}}, "a bound of parameter tau .* needs the unit s"),
        (bc.Rule, RULE, {"parameters": {"tau": 20 * ms}, "bounds": {"tau": (30 * ms, None)}}, "must lie between 30. ms and infinity"),
        (bc.Rule, RULE, {"parameters": {"tau": 20 * ms}, "bounds": {"tua": (1, 2)}}, "did you mean 'tau'"),
        (bc.Rule, RULE, {"parameters": {"tau": 20 * ms}, "bounds": {"tau": (1 * ms,)}}, "give .low, high."),
        (bc.Rule, RULE, {"parameters": {"a": 1.0}, "presets": {"b": {"a": 1 * mV}}}, "preset 'b': parameter a"),
        (bc.Rule, RULE, {"regular": ("w += 1", "period")}, "regular of rule 'mine'"),
        (bc.Rule, RULE, {"regular": (("w += 1", "period"),)}, "for a period, called 'period'"),
        (bc.Rule, RULE, {"devices": "numpy"}, "devices of rule 'mine'"),
        (bc.Rule, RULE, {"oracle": 3}, "a function or None"),
        (bc.Rule, RULE, {"post": 3}, "text or a Model or None"),
        (bc.Rule, RULE, {"name": 3}, "the name of a rule was given as 3"),
        (bc.Rule, RULE, {"name": ""}, "1 to 100 characters"),
        (bc.Rule, RULE, {"name": "x" * 101}, "1 to 100 characters"),
        (bc.Rule, RULE, {"name": "a\nb"}, "in one line"),
        (bc.Model, MODEL, {"dt": 0.1 * ms}, "dt of model 'mine' .* in SI units, without a unit"),
        (bc.Model, MODEL, {"teacher": "v = 1"}, "teacher of model 'mine'"),
        (bc.Model, MODEL, {"parameters": {"tau": 1 * ms}, "bounds": {"tau": (0, 1)}}, "needs the unit s"),
        (bc.Protocol, PROTOCOL, {"score": 1}, "score of protocol 'mine' was given as 1; it must be a function"),
        (bc.Protocol, PROTOCOL, {"dt": 0}, "must be positive"),
        (bc.Protocol, PROTOCOL, {"replicas": 1.5}, "replicas of protocol 'mine' was given as 1.5; it must be a whole number"),
        (bc.Task, vars(PATTERN_GENERATION), {"n_steps": 20.9}, "n_steps of task"),
        (bc.Task, vars(PATTERN_GENERATION), {"kind": "clasification"}, "did you mean 'classification'"),
        (bc.Task, vars(PATTERN_GENERATION), {"n_in": 0}, "must be positive"),
        (bc.Task, vars(PATTERN_GENERATION), {"mask": np.ones(3, bool)}, "the mask of task"),
        (bc.LearningRule, vars(EPROP), {"state": "w"}, "state of learning rule 'eprop'"),
        (NetworkConfig, {"n_lif": 3}, {"tau_m": "20ms"}, "tau_m of a network was given as '20ms'"),
        (TrainingConfig, {}, {"rate": "fast"}, "rate of a training"),
        (TrainingConfig, {}, {"iterations": True}, "iterations of a training"),
        (TrainingConfig, {}, {"decay": np.nan}, "decay of a training"),
    ],
)
def test_a_wrong_field_is_one_sentence(kind, fields, changes, words):
    kind(**fields)
    with pytest.raises(bc.UserError, match=words) as error:
        kind(**(fields | changes))
    assert "\n" not in str(error.value)
