"""Which Brian2 this package works with."""

from __future__ import annotations

import logging
import re

from brian2chip.errors import UserError

logger = logging.getLogger(__name__)

OLDEST = (2, 5, 4)
#: Series that ``make versions`` runs the tests on.
TESTED = ("2.5", "2.8", "2.9", "2.10", "2.11")


def check_version(version: str) -> None:
    """Raise ``UserError`` for a Brian2 that is known not to work, and warn of one that was not tested."""
    numbers = tuple(int(n) for n in re.findall(r"\d+", version)[:3])
    if numbers < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise UserError(f"Brian2 {version} is too old; brian2chip needs Brian2 {oldest} or later: pip install --upgrade brian2.")
    if ".".join(map(str, numbers[:2])) not in TESTED:
        logger.warning(
            "brian2chip was not tested with Brian2 %s, only with %s; compare a result with one of those.", version, ", ".join(TESTED)
        )
