"""Whose a file is, and who may write to it; where a system has no numbers of users (Windows), folders of a profile are private."""

from __future__ import annotations

import os
import stat

WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def has_users() -> bool:
    """Return whether files say by numbers whose they are."""
    return getattr(os, "geteuid", None) is not None


def is_mine(found: os.stat_result) -> bool:
    """Return whether a file is this user's."""
    return not has_users() or found.st_uid == os.geteuid()


def is_mine_or_roots(found: os.stat_result) -> bool:
    """Return whether a file is this user's or the administrator's."""
    return not has_users() or found.st_uid in (0, os.geteuid())


def is_closed(found: os.stat_result) -> bool:
    """Return whether nobody else may write to a file; the bits of Windows say nothing about that."""
    return not has_users() or not found.st_mode & WRITABLE_BY_OTHERS
