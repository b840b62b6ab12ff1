"""The variables of a synapse side by side in memory while a network runs: the synapses of a spike are scattered over it.

Brian2 keeps an array for each variable, so that a synapse with four of them lies in four places, and each costs a wait for the memory
when the synapses outgrow the cache. What the pathways' code touches is copied into records before the first step and back after the
last, and the code of the synapse that comes :data:`AHEAD` in the row of spikes asks for its record. Numbers are computed as before.

Memory is asked for where the rows of a pathway are scattered, which is looked up before the first step.

A variable is part of a record where nothing but code of pathways uses it during the run, or where it does not change; and where each
use in the text of that code is of the synapse itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from brian2chip.core.brian2_run_code import Array, RunCode

TEMPLATE = "synapses"
#: How many synapses ahead memory is asked for.
AHEAD = 16
#: Bytes that memory gives at once.
LINE = 64
SIZES = {"double": 8, "int64_t": 8, "uint64_t": 8, "float": 4, "int32_t": 4, "uint32_t": 4, "int": 4}

_SYNAPSE = "const size_t _idx = (*_spiking_synapses)[_spiking_synapse_idx];\n"
_SCALAR = "// scalar code\n"

#: Memory at the beginning of a line; much of it in large pages, so that the processor finds an address without looking it up in memory.
MEMORY = """\
#include "b2c_records.h"
#include <stdlib.h>
#ifdef __linux__
#include <sys/mman.h>
#endif
static void* b2c_lines(size_t bytes)
{
    void* memory = 0;
    const size_t page = size_t(1) << 21;
    if (posix_memalign(&memory, bytes < page ? 64 : page, bytes + 64)) std::abort();
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (bytes >= page) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    return memory;
}
static bool b2c_is_scattered(const CSpikeQueue& q)
{
    size_t neighbours = 0, apart = 0;
    for (size_t row = 0; row < q.synapses.size(); row++)
        for (size_t k = 1; k < q.synapses[row].size(); k++, neighbours++)
            apart += q.synapses[row][k] != q.synapses[row][k - 1] + 1;
    return 2 * apart > neighbours;
}
"""


def records(code: Sequence[RunCode], sources: Mapping[str, str]) -> dict[str, list[Array]]:
    """Return the arrays that become one record a synapse, by the name of the synapses.

    Parameters
    ----------
    code : sequence of RunCode
    sources : mapping of str to str
        The C++ of each piece of code, by its name.
    """
    pathways = [each for each in code if each.template == TEMPLATE]
    used_elsewhere = {array.name for each in code if each.template != TEMPLATE for array in each.arrays.values()}
    found: dict[str, dict[str, Array]] = {}
    for each in pathways:
        for array in each.arrays.values():
            free = array.constant or array.name not in used_elsewhere
            if array.synapses and free and array.type in SIZES and f"_ptr{array.name}[_idx]" in sources[each.name]:
                found.setdefault(array.synapses, {})[array.name] = array
    known = [sources[each.name] for each in pathways]
    for arrays in found.values():
        for name in [name for name in arrays if not all(_of_the_synapse(name, text) for text in known)]:
            del arrays[name]
    changing = {name: [array for array in arrays.values() if not array.constant] for name, arrays in found.items()}
    return {name: list(arrays.values()) for name, arrays in found.items() if len(changing[name]) > 1}


def _of_the_synapse(name: str, text: str) -> bool:
    """Return whether a text uses an array only at the synapse that a spike has reached, and has the loop that Brian2 writes."""
    uses = len(re.findall(rf"\b_ptr{name}\b", text))
    declared = len(re.findall(rf"\* (?:__restrict)? *_ptr{name} = ", text))
    return uses == declared + text.count(f"_ptr{name}[_idx]") and (not uses or queue_of(text) != "")


def header(found: Mapping[str, list[Array]], queues: Sequence[str]) -> str:
    """Return the C++ that declares the records, and for each queue of spikes whether its rows of synapses are scattered."""
    lines = ["#pragma once", "#include <algorithm>", "#include <cstdint>"]
    for synapses, arrays in found.items():
        size = sum(SIZES[array.type] for array in arrays)
        whole = 1 << (size - 1).bit_length()
        fields = " ".join(f"{array.type} {array.name};" for array in sorted(arrays, key=lambda a: -SIZES[a.type]))
        lines += [f"struct alignas({whole if whole <= LINE else 8}) b2c_record_{synapses} {{ {fields} }};"]
        lines += [f"extern b2c_record_{synapses}* b2c_records_{synapses};"]
    return "\n".join([*lines, *(f"extern bool b2c_scattered_{queue};" for queue in queues)]) + "\n"


def around_run(found: Mapping[str, list[Array]], queues: Sequence[str]) -> str:
    """Return the C++ that fills the records before the first step, and empties them after the last."""
    declared = [f"bool b2c_scattered_{queue} = false;" for queue in queues]
    before = [f"b2c_scattered_{queue} = b2c_is_scattered(*{queue}.queue[0]);" for queue in queues]
    after = []
    for synapses, arrays in found.items():
        record, count = f"b2c_records_{synapses}", f"{arrays[0].vector}.size()"
        each = f"for (size_t k = 0; k < {count}; k++)"
        declared.append(f"b2c_record_{synapses}* {record} = 0;")
        before.append(f"{record} = (b2c_record_{synapses}*)b2c_lines({count} * sizeof(b2c_record_{synapses}));")
        before += [each, "{", *(f"    {record}[k].{a.name} = {a.vector}[k];" for a in arrays), "}"]
        after += [each, "{", *(f"    {a.vector}[k] = {record}[k].{a.name};" for a in arrays if not a.constant), "}"]
        after.append(f"std::free({record});")
    parts = (("b2c_before_steps", before), ("b2c_after_steps", after))
    functions = ["\n    ".join([f"static void {name}()\n{{", "using namespace brian;", *lines]) + "\n}" for name, lines in parts]
    return MEMORY + "\n".join([*declared, *functions]) + "\n"


def queue_of(text: str) -> str:
    """Return the queue from which a pathway's C++ takes its spikes; empty where it is not as Brian2 writes it."""
    found = re.search(r"_spiking_synapses = (\w+)\.peek\(\);", text)
    return found[1] if found and _SYNAPSE in text and _SCALAR in text else ""


def with_records(text: str, code: RunCode, found: Mapping[str, list[Array]]) -> str:
    """Return a pathway's C++ that works on records and asks for the memory of the synapses to come."""
    if not (queue := queue_of(text)):
        return text
    scalar, asked = {f"const bool b2c_far = b2c_scattered_{queue};\n": None}, {}
    for array in code.arrays.values():
        if not array.synapses or f"_ptr{array.name}[_idx]" not in text:
            continue
        record = f"b2c_{array.synapses}"
        if array.name in (each.name for each in found.get(array.synapses, ())):
            text = text.replace(f"_ptr{array.name}[_idx]", f"{record}[_idx].{array.name}")
            scalar[f"b2c_record_{array.synapses}* __restrict {record} = b2c_records_{array.synapses};\n"] = None
            asked[f"    __builtin_prefetch(&{record}[b2c_next], 1);\n"] = None
        else:
            asked[f"    __builtin_prefetch(&_ptr{array.name}[b2c_next], 1);\n"] = None
    ahead = f"    const size_t b2c_next = (*_spiking_synapses)[std::min(_spiking_synapse_idx + {AHEAD}, _num_spiking_synapses - 1)];\n"
    if asked:
        text = text.replace(_SYNAPSE, f"{_SYNAPSE}if (b2c_far)\n{{\n{ahead}{''.join(asked)}}}\n")
    return '#include "b2c_records.h"\n' + text.replace(_SCALAR, _SCALAR + "".join(scalar), 1)
