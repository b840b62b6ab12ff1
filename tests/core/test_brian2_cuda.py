"""What is used of brian2cuda, without it: its silence, the code that loads an input, and the function without code. See also
``tests/engine/test_cuda.py``.
"""

import logging

import pytest
from brian2 import NeuronGroup, Synapses

from brian2chip.core import brian2_cuda
from brian2chip.core import brian2_internals as internals


@pytest.mark.parametrize("level", [logging.NOTSET, logging.DEBUG, logging.ERROR])
def test_only_warnings_are_let_through_and_the_level_comes_back(level):
    log = logging.getLogger("brian2.brian2cuda")
    before = log.level
    try:
        log.setLevel(level)
        with pytest.raises(RuntimeError), brian2_cuda.warnings_alone():
            assert (log.isEnabledFor(logging.INFO), log.isEnabledFor(logging.WARNING)) == (False, True)
            raise RuntimeError
        assert log.level == level
    finally:
        log.setLevel(before)


def test_an_input_is_loaded_into_the_array_of_the_gpu(monkeypatch):
    with internals.kept_state():
        device = internals.activate_fresh_device("cpp_standalone", build_on_run=False)
        group = NeuronGroup(3, "x : 1", name="cells")
        synapses = Synapses(group, group, "w : 1", name="syn")
        synapses.connect()
        own = device.get_array_name
        # brian2cuda's device has one more argument and begins the names of what lies in the GPU's memory with it.
        monkeypatch.setattr(device, "get_array_name", lambda var, access_data=True, prefix=None: f"{prefix or ''}{own(var, access_data)}")
        plain, vector = brian2_cuda.load_and_copy("a", group, "x"), brian2_cuda.load_and_copy("b", synapses, "w")
        host, size = internals.cpp_array(group, "x")
        internals.silence_abandoned_objects()
    assert plain == f'b2c_load_to_gpu("a", {host}, brian::dev_array_cells_x, {size});'
    assert vector.startswith('b2c_load_to_gpu("b", thrust::raw_pointer_cast(')
    assert "thrust::raw_pointer_cast(brian::dev_dynamic_array_syn_w.data())" in vector


def chained(*texts):
    """Return an error whose causes have these texts, the outermost first."""
    error = None
    for text in reversed(texts):
        outer = NotImplementedError(text)
        outer.__cause__, error = error, outer
    return error


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (chained("Cannot use function 'mine' here", f"{brian2_cuda.NO_CODE} 'cuda'"), "mine"),
        (chained("outer", f"{brian2_cuda.NO_CODE} 'cuda'", "Function 'low' fails"), "low"),
        (chained("outer", f"{brian2_cuda.NO_CODE} 'cuda'"), "a function"),
        (chained("Cannot use function 'mine' here", "for another reason"), None),
        (None, None),
    ],
)
def test_the_function_without_code_is_found_wherever_it_is_named(error, name):
    assert brian2_cuda.function_without_code(error) == name


def test_an_error_met_while_another_was_handled_counts_too():
    try:
        try:
            raise KeyError(f"{brian2_cuda.NO_CODE} 'cuda'")
        except KeyError:
            raise ValueError("function 'mine'")  # noqa: B904
    except ValueError as error:
        assert brian2_cuda.function_without_code(error) == "mine"
