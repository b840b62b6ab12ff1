"""What is changed in the C++ that Brian2 generated, before it is compiled.

Each function relies on how Brian2 writes that text, says on what, and leaves a text alone that it does not know;
``tests/engine/test_generated_source.py`` holds a contract test for each.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

#: Brian2's loop over the steps, without a call of the system in each.
LOOP = Path(__file__).with_name("network_run.cpp").read_text(encoding="utf-8")
#: What ``LOOP`` uses of Brian2's class.
NAMES = ("clocks", "objects", "_globally_running", "_globally_stopped", "_last_run_completed_fraction", "Clock_epsilon", "compute_clocks")

#: The exit code of a program that could not write a result.
NOT_WRITTEN = 4

#: How Brian2 writes an array, and one that may be empty: a stream of its own for each.
STREAM = r"ofstream (outfile_\w+);\s*\1\.open\((?:(\w+) \+ )?(\"[^;]*?\"), ios::binary \| ios::out\);\s*if ?\(\1\.is_open\(\)\)\s*\{\s*"
WRITE = r"\1\.write\(reinterpret_cast<char\*>\(([^;]*?)\), ([^;]*?)\);\s*\1\.close\(\);\s*"
OTHERWISE = r"\} else\s*\{\s*std::cout << \"[^\n]*;\s*\}"
WRITTEN = STREAM + WRITE + OTHERWISE
WRITTEN_IF_ANY = STREAM + r"if ?\( ?! ?(\w+)\.empty\(\) ?\)\s*\{\s*" + WRITE + r"\}\s*" + OTHERWISE
#: How Brian2 2.11 writes queues of spikes and the state of its random numbers, for another run to go on from.
TO_GO_ON = (
    r'[ ]*ofstream (\w+);\s*\1\.open\(\w+ \+ "\w+(?:queue|state)", ios::out\);\s*'
    r"if \(\1\.is_open\(\)\) \{.*?\} else \{[^}]*\}\n"
)
#: How it begins to write the table of a monitor of states.
STATES = r'(outfile_\w+)(\.open\([^;]*?"(?:results/)?(\w+)".*?\);)\s*if ?\(\1\.is_open\(\)\)'

#: What brian2cuda writes in the order of a set: room for the variables of synapses, clocks, and random numbers for the steps of each.
CUDA_SETS = (
    rb"THRUST_CHECK_ERROR\(\s*\w+\.resize\(newsize\)\s*\);\s*\w+\.resize\(newsize\);\s*"
    rb"|extern Clock \w+;\s*|\w+\.add\(&\w+, _run_random_number_buffer\);\s*"
)

#: The headers of the standard library that generated files include; compiled once for all programs, as they take half of the time.
PREFIX = "b2c_prefix.h"
HEADERS = "algorithm chrono climits cmath cstdio cstdlib ctime fstream iostream map random set string tuple utility vector stdint.h"


def with_loop(network: str, steps: str) -> str:
    """Return ``network.cpp`` with :data:`LOOP` in the place of ``Network::run``, after the C++ ``steps`` of what it calls.

    Relies on the order of its functions, on :data:`NAMES`, and on ``BaseClock`` as the class of its clocks where there is one; with OpenMP
    and with the preference ``maximum_run_time`` Brian2's own stays.
    """
    head, start, rest = network.partition("void Network::run(")
    old, end, tail = rest.partition("void Network::compute_clocks()")
    if not end or "omp_get_wtime" in old or "did_break_early = true" in old or not all(name in network for name in NAMES):
        return network
    clock = "BaseClock" if "BaseClock" in network else "Clock"
    return f'#include "objects.h"\n#include <chrono>\n{head}{steps}typedef {clock} StepClock;\n{LOOP}{end}{tail}'


def has_loop(network: str) -> bool:
    """Return whether :func:`with_loop` was at work."""
    return LOOP in network


def with_direct_queue(classes: str) -> str:
    """Return ``synapses_classes.h`` with spikes read where they are queued, not from a copy of the one queue.

    Relies on the text of ``SynapticPathway::peek`` and on its number of queues, which is 1 without OpenMP.
    """
    head, start, rest = classes.partition("vector<int32_t>* peek()\n    {")
    _, end, tail = rest.partition("return &all_peek;")
    return f"{head}{start} return queue[0]->peek();{tail}" if end and "_nb_threads = 1;" in classes else classes


def with_prefix(makefile: str) -> str:
    """Return the makefile with the prefix header in every compilation, less optimisation of what runs once, and no search for dependencies.

    Relies on ``CXXFLAGS``, ``OPTIMISATIONS`` and ``DEPS``; ``objects.cpp`` and ``main.cpp`` set variables, read and write files.
    """
    head, flags, tail = makefile.partition("CXXFLAGS = -c ")
    if not flags or "OPTIMISATIONS = " not in head:
        return makefile
    tail = tail.replace("DEPS = make.deps", "DEPS = /dev/null", 1)
    return f"{head}{flags}-include {PREFIX} {tail}\nobjects.o main.o : OPTIMISATIONS += -O1\n"


def with_checked_results(objects: str) -> str:
    """Return ``objects.cpp`` with a program that writes what is wanted, and ends with :data:`NOT_WRITTEN` when that cannot be written.

    Relies on the names of its streams, ``outfile_``; Brian2's own goes on, and what is missing is missing in silence. An array is written
    by one call of ``b2c_write``: a stream each, as Brian2 has them, takes as long to compile as all that is computed. What another run
    could go on from is not written: each of our starts begins anew.
    """
    objects = re.sub(TO_GO_ON, "", objects, flags=re.S)
    place = lambda found: f"b2c_write({found[2] or chr(34) * 2}, {found[3]}"  # noqa: E731
    objects = re.sub(WRITTEN, lambda f: f"{place(f)}, {f[4]}, {f[5]});", objects)
    objects = re.sub(WRITTEN_IF_ANY, lambda f: f"{place(f)}, {f[4]}.empty() ? 0 : {f[5]}, {f[6]});", objects)
    objects = re.sub(STATES, r'if (b2c_wanted("\3")) {\1\2}\n    if (!b2c_wanted("\3")) {} else if(\1.is_open())', objects)
    checked = re.sub(r"(outfile_\w+)(\.(?:open|close)\(.*?\);)", rf"\1\2 if (!\1) std::_Exit({NOT_WRITTEN});", objects)
    return f'#include <cstdlib>\n#include "b2c_loader.h"\n{checked}'


def without_setting_by_name(objects: str) -> str:
    """Return ``objects.cpp`` without the function that sets a variable named on the command line, as our programs read their inputs.

    Relies on its signature and on it being the only function that ends before ``}`` at the start of a line.
    """
    start = "void set_variable_by_name(std::string name, std::string s_value) {"
    head, found, rest = objects.partition(start)
    return f"{head}{start}{rest[rest.index(chr(10) + '}') :]}" if found else objects


def optimisations(makefile: str) -> list[str]:
    """Return the compiler's flags of a makefile, with which a header must be compiled to serve; relies on ``OPTIMISATIONS``."""
    found = re.search(r"^OPTIMISATIONS = (.*)$", makefile, re.M)
    return [flag for flag in shlex.split(found.group(1)) if not flag.startswith("-I")] if found else []


def same_everywhere(source: bytes) -> bytes:
    """Return a generated file without what differs between processes and environments but not between programs.

    Relies on the lines that set clocks to zero, in the order of a set, and on how the makefile names the folders of the environment.
    """
    source = re.sub(CUDA_SETS, b"", source)
    source = re.sub(rb"_array_\w+clock_(timestep|t)\[0\] = 0(\.0)?;\n", b"", source)
    return re.sub(rb'-(I|L|Wl,--enable-new-dtags,-R)"[^"]*/(include|lib)"', b"", source)
