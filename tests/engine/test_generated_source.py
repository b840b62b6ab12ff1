"""A contract test for each change to generated C++: what Brian2 writes is what the change expects, and the numbers stay."""

import os
import re
from pathlib import Path

import brian2
import numpy as np
import pytest
from brian2 import Network, NeuronGroup, StateMonitor, Synapses, ms
from own_loop import KEEPS_ITS_OWN, VERSION, needs_our_loop

from brian2chip.engine import compiler, generated_source, joined_source, precompiled_header, program_cache, session

TEMPLATES = Path(brian2.__file__).with_name("devices") / "cpp_standalone" / "templates"


def run(directory, progress=None):
    """Run a noisy network with two clocks for 20.5 ms and return everything it computed."""
    with session.session("cpp_standalone", directory=directory, dt=0.5e-3, seed=3, progress=progress) as s:
        group = NeuronGroup(5, "dx/dt = (1.5 - x)/(10*ms) + xi/ms**0.5/10 : 1", threshold="x > 1", reset="x = 0", method="euler", name="g")
        slow = NeuronGroup(1, "m : 1", dt=2 * ms, name="slow")
        slow.run_regularly("m += 1", name="count")
        synapses = Synapses(group, group, "w : 1", on_pre="w += 1", name="s")
        synapses.connect()
        monitor = StateMonitor(group, "x", record=True, name="record")
        network = Network(group, slow, synapses, monitor)
        s.input("x", group, "x", 0.0)
        s.run(network, 20.5e-3)
        s.execute({"x": 0.5})
        return {"x": np.array(monitor.x), "m": np.array(slow.m), "w": np.array(synapses.w), "t": np.array(monitor.t)}


@needs_our_loop
def test_the_program_computes_what_brian2s_own_computes(tmp_path, monkeypatch):
    seen = []
    ours = run(tmp_path / "ours", seen.append)
    text = (tmp_path / "ours" / "network.cpp").read_text()
    assert "steady_clock" in text and "std::clock()" not in text and "omp_get_wtime" not in text
    makefile, objects = ((tmp_path / "ours" / name).read_text() for name in ("makefile", "objects.cpp"))
    assert "-include b2c_prefix.h" in makefile and seen[-1] == 1.0
    assert "joined_0.cpp" in makefile and "stateupdater_codeobject.cpp" not in makefile
    assert objects.count("ofstream") == 2  # of the monitor and of last_run_info
    assert "set_variable_from_file(name" not in objects
    monkeypatch.setattr(generated_source, "with_loop", lambda text, steps: text)
    for name in ("with_prefix", "with_checked_results", "without_setting_by_name"):
        monkeypatch.setattr(generated_source, name, lambda text: text)
    monkeypatch.setattr(joined_source, "join", lambda folder: None)
    plain = run(tmp_path / "plain")
    text = (tmp_path / "plain" / "network.cpp").read_text()
    assert "std::clock()" in text or "high_resolution_clock::now()" in text  # since Brian2 2.10
    assert ours["w"].sum() > 0 and ours["m"][0] == 11  # steps at 0, 2, ..., 20 ms
    for name, value in plain.items():
        assert ours[name].tobytes() == value.tobytes(), name


def test_a_network_that_is_not_known_keeps_brian2s_loop():
    template = (TEMPLATES / "network.cpp").read_text()
    assert generated_source.with_loop(template, "") == template  # it says how OpenMP reads the clock
    assert generated_source.with_loop("int main() {}", "") == "int main() {}"
    assert all(name in template for name in generated_source.NAMES) is not KEEPS_ITS_OWN
    assert generated_source.with_prefix("all: main\n") == "all: main\n"


def test_spikes_are_read_where_they_are_queued():
    """Brian2 copies its one queue, which the threads of OpenMP would fill together."""
    template = (TEMPLATES / "synapses_classes.cpp").read_text()
    one = re.sub(r"\{\{ openmp_pragma\('(\w+)'\) \}\}", lambda found: "1" if found[1] == "get_num_threads" else "", template)
    changed = generated_source.with_direct_queue(one)
    assert re.search(r"peek\(\)\s*\{\s*return queue\[0\]->peek\(\);\s*\}", changed) and "all_peek.insert" not in changed
    several = one.replace("_nb_threads = 1;", "_nb_threads = omp_get_num_threads();")
    assert several != one and generated_source.with_direct_queue(several) == several


def test_a_result_that_cannot_be_written_ends_the_program():
    """Brian2's own program says nothing of a file that a full disk cut short, and goes on."""
    template = (TEMPLATES / "objects.cpp").read_text()
    checked = generated_source.with_checked_results(re.sub(r"\{\{(\w+)\}\}", r"\1", template))
    assert checked.count("b2c_write(") == 2
    opened = [name for name in re.findall(r"(outfile_\S+)\.(?:open|close)\(", checked) if "path.name" not in name]
    assert checked.count("std::_Exit(4)") == len(opened) == 6
    assert "outfile_varname.close(); if (!outfile_varname) std::_Exit(4);" in checked
    where, escaped = ('""', r" | replace('\\', '\\\\')") if VERSION < (2, 6) else ("results_dir", "")
    assert f'b2c_write({where}, "{{{{get_array_filename(var){escaped}}}}}", varname, ' in checked
    assert generated_source.with_checked_results("int x;\n").endswith("\nint x;\n")


def test_what_another_run_could_go_on_from_is_not_written():
    """Brian2 2.11; the text of its templates with their names filled in."""
    loop = '    for (int i=0; i<1; i++) {\n        %s << *syn_pre.queue[i] << "\\n";\n    }\n'
    block = '    ofstream %s;\n    %s.open(results_dir + "%s", ios::out);\n    if (%s.is_open()) {\n'
    block += '%s    } else {\n        std::cout << "Error";\n    }\n'
    texts = [block % (name, name, file, name, loop % name)
             for name, file in (("outfile_syn_pre", "syn_pre_queue"), ("random_generator_state", "random_generator_state"))]  # fmt: skip
    kept = '    ofstream outfile_last;\n    outfile_last.open(results_dir + "last_run_info.txt", ios::out);\n'
    checked = generated_source.with_checked_results("int a;\n" + "\n".join(texts) + kept)
    assert "queue" not in checked and "random" not in checked and "last_run_info" in checked and "{" not in checked
    template = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "name", (TEMPLATES / "objects.cpp").read_text())
    assert len(re.findall(generated_source.TO_GO_ON, template, re.S)) == 2 * ("random_generator_state.open" in template)


def test_no_variable_is_set_by_its_name():
    start = "void set_variable_by_name(std::string name, std::string s_value) {"
    text = f'int a;\n{start}\n    if (name == "x") {{\n        x = s_value;\n    }}\n}}\nint b;\n'
    assert (start in (TEMPLATES / "objects.cpp").read_text()) is (VERSION >= (2, 6))  # 2.5 sets none
    assert generated_source.without_setting_by_name(text) == f"int a;\n{start}\n}}\nint b;\n"
    assert generated_source.without_setting_by_name("int x;") == "int x;"


def test_joined_files_keep_their_helpers_and_macros_apart(tmp_path):
    code = "namespace {{\n  #define LIMIT {0}\n  int helper() {{ return LIMIT; }}\n}}\nvoid run_{1}()\n{{\n"
    code += "  using namespace brian;\n  x = helper();\n}}\n"
    (tmp_path / "code_objects").mkdir()
    for n, name in enumerate("abc"):
        (tmp_path / "code_objects" / f"{name}.cpp").write_text(code.format(n, name))
    (tmp_path / "code_objects" / "other.cpp").write_text("int without_a_namespace;\n")
    (tmp_path / "makefile").write_text(
        "SRCS = " + " ".join(f"code_objects/{n}.cpp" for n in ("a", "b", "c", "other")) + " main.cpp\nOBJS =\n"
    )
    joined_source.join(tmp_path)
    assert (tmp_path / "makefile").read_text().split("\n")[0] == (
        "SRCS = code_objects/joined_0.cpp code_objects/joined_1.cpp code_objects/other.cpp main.cpp"
    )
    joined = "".join((tmp_path / "code_objects" / f"joined_{k}.cpp").read_text() for k in range(2))
    assert joined.count("#undef LIMIT") == 3 and "using namespace brian; using namespace b_helpers;" in joined
    assert sorted(p.name for p in (tmp_path / "code_objects").iterdir()) == ["joined_0.cpp", "joined_1.cpp", "other.cpp"]


def test_a_makefile_without_sources_is_left_alone(tmp_path):
    (tmp_path / "makefile").write_text("all: main\n")
    joined_source.join(tmp_path)
    assert (tmp_path / "makefile").read_text() == "all: main\n"


def test_flags_of_the_prefix_are_those_of_the_program(tmp_path):
    makefile = (
        'OPTIMISATIONS = -I"/a b/include" -I"." -w -O3 -march=native -std=c++11\nCXXFLAGS = -c -Wno-write-strings $(OPTIMISATIONS) -I.'
    )
    assert generated_source.optimisations(makefile) == ["-w", "-O3", "-march=native", "-std=c++11"]
    assert generated_source.optimisations("all:") == []


def test_same_everywhere():
    source = b"a = 1;\n_array_defaultclock_timestep[0] = 0;\n_array_defaultclock_t[0] = 0.0;\nb = 2;\n"
    assert generated_source.same_everywhere(source) == b"a = 1;\nb = 2;\n"
    makefile = b'OPTIMISATIONS = -I"/home/%s/include" -I"." -O3\nLFLAGS = -L"/home/%s/lib" -Wl,--enable-new-dtags,-R"/home/%s/lib"\n'
    one, other = (generated_source.same_everywhere(makefile % (name, name, name)) for name in (b"a", b"b"))
    assert one == other and b'-I"."' in one and b"-O3" in one


def test_the_order_of_clocks_is_not_part_of_the_source(tmp_path):
    run(tmp_path / "a")
    source = b"".join(path.read_bytes() for path in sorted((tmp_path / "a").glob("*.cpp")))
    pattern = rb"clock\w*_t(imestep)?\[0\] = 0"
    assert len(re.findall(pattern, source)) >= 4  # two clocks
    assert not re.findall(pattern, generated_source.same_everywhere(source))


@pytest.mark.skipif(compiler.compiler() is None, reason="needs a C++ compiler")
def test_the_prefix_is_compiled_once_for_all_programs(tmp_path, monkeypatch):
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(tmp_path / "cache"))
    makefile = generated_source.with_prefix("OPTIMISATIONS = -O0\nCXXFLAGS = -c $(OPTIMISATIONS)\n")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "makefile").write_text(makefile)
        precompiled_header.add(tmp_path / name, program_cache.machine())
    (compiled,) = (tmp_path / "cache" / "headers").glob("*.gch")
    assert [Path(os.readlink(tmp_path / name / "b2c_prefix.h.gch")) for name in ("one", "two")] == [compiled.resolve()] * 2
