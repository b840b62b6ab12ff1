"""C++ functions without memory of their own, as code for a GPU too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brian2 import Function


def add_gpu_code(function: Function, cpp: str) -> None:
    """Give a function the code that it has in C++ on a GPU as well; for functions of their arguments alone, ``static inline`` each."""
    function.implementations.add_implementation("cuda", cpp.replace("static inline", "static inline __host__ __device__"))
