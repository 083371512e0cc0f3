"""Whose containers there are: a process of this machine, by its number."""

import os
import platform

_OURS = f"mldeploy/{platform.node()}/"
"""How the owners of this machine begin; the number of a process follows."""


def own() -> str:
    """Return what this process's containers are labelled with."""
    return f"{_OURS}{os.getpid()}"


def has_crashed(owner: str) -> bool:
    """Return whether an owner was a process of this machine that isn't there any more."""
    number = owner.removeprefix(_OURS)
    if number == owner or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
