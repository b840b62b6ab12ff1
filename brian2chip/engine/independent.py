"""Code of all neurons or synapses of a group, told to the compiler to be independent: it then works on several of them at once.

The compiler cannot know that Brian2's arrays lie apart; it compares the address of each that is written with every other, and gives up
when there are more than ten comparisons. Here each array that a loop writes is written and read at the element itself alone, which the
text of the loop shows, so that no element depends on another. Loops that call what keeps a state, or a function of the library of
mathematics, which has another last bit for several numbers at once, stay as they are: numbers are those of Brian2's own program.
"""

from __future__ import annotations

import re

from brian2chip.core.brian2_run_code import RunCode

UPDATE, THRESHOLD = "stateupdate", "threshold"
LOOP = "for(int _idx=0; _idx<_N; _idx++)\n"
SEARCH = "for(size_t _idx=0; _idx<N; _idx++)\n"
INDEPENDENT = '_Pragma("GCC ivdep")\n'

#: Functions of generated C++ whose result is exact, so that it does not matter how many are computed at once.
EXACT = frozenset("int_ _clip _brian_abs _brian_mod _brian_floordiv _timestep floor ceil sqrt abs fabs if".split())
_ACCESS = re.compile(r"\b_ptr(_\w+)\[([^\[\]]*)\](\s*[-+*/%&|^]?=(?!=))?")
_CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_INDEX = re.compile(r"const int32_t (\w+) = _ptr(_\w+)\[_idx\];\n")

#: A threshold looks at a block of elements at once, and only where one is above it for which.
BLOCKS = """\
for (size_t b2c_start = 0; b2c_start < N; b2c_start += 64)
    {
    const size_t b2c_end = b2c_start + 64 < N ? b2c_start + 64 : N;
    int b2c_any = 0;
    %(independent)sfor (size_t _idx = b2c_start; _idx < b2c_end; _idx++)
    {%(condition)s
        b2c_any |= _cond;
    }
    if (b2c_any)
    for (size_t _idx = b2c_start; _idx < b2c_end; _idx++)
    {%(condition)s%(found)s
    }
    }
"""

#: A row of a table, say: its elements follow one another in memory, and are read and written together.
COUNTED = "const int32_t %(index)s = b2c_first + _idx;\n"
ALTERNATIVE = """\
int b2c_steps = 1;
    const int b2c_first = _N > 0 ? _ptr%(array)s[0] : 0;
    for (int _idx = 0; _idx < _N; _idx++)
        b2c_steps &= _ptr%(array)s[_idx] == b2c_first + _idx;
    if (b2c_steps)
    %(loop)s
    else
    """


def with_independent_elements(text: str, code: RunCode) -> str:
    """Return C++ with its loop over the elements marked as one of independent elements, or as it is where it is not."""
    if code.template == THRESHOLD:
        return _in_blocks(text, code.functions)
    head, loop, body = text.partition(LOOP)
    body, end, tail = body.partition("\n}\n")
    if code.template != UPDATE or not loop or not end:
        return text
    marked = f"{INDEPENDENT}{loop}{body}" if _independent(body, code.functions) else f"{loop}{body}"
    return f"{head}{_counting_up(loop, body, code.functions)}{marked}{end}{tail}"


def _counting_up(loop: str, body: str, functions: frozenset[str]) -> str:
    """Return the beginning of an alternative: another loop, for an index of other arrays that counts up by one from element to element."""
    for declaration in _INDEX.finditer(body):
        index, array = declaration.groups()
        if f"[{index}]" in body and _independent(changed := body.replace(declaration[0], COUNTED % {"index": index}), functions, index):
            return ALTERNATIVE % {"index": index, "array": array, "loop": INDEPENDENT + loop + changed}
    return ""


def _in_blocks(text: str, functions: frozenset[str]) -> str:
    head, loop, rest = text.partition(SEARCH)
    body, end, tail = rest.partition("\n    }\n")
    condition, found, action = body.partition("\n        if(_cond) {")
    condition = condition.partition("{")[2]
    if not (loop and end and found) or not _independent(condition, functions):
        return text
    if any(assigned for _, _, assigned in _ACCESS.findall(condition)):
        return text
    return head + BLOCKS % {"independent": INDEPENDENT, "condition": condition, "found": found + action} + tail


def _independent(body: str, functions: frozenset[str], counted: str = "_idx") -> bool:
    """Return whether each array that is written is used at one index alone, that of the element or one that differs between elements."""
    accesses = _ACCESS.findall(body)
    written = {name for name, _, assigned in accesses if assigned}
    places = {name: {index for other, index, _ in accesses if other == name} for name in written}
    apart = all(place in ({"_idx"}, {counted}) for place in places.values())
    return apart and len(accesses) == body.count("_ptr_") and set(_CALL.findall(body)) <= EXACT | functions
