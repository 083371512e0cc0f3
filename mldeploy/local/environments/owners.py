"""Owners of containers: processes of this machine, by their ids."""

import os
import platform

_OURS = f"mldeploy/{platform.node()}/"
"""Prefix of this machine's owners; the process id follows."""


def own() -> str:
    """Return the owner label of this process's containers."""
    return f"{_OURS}{os.getpid()}"


def has_crashed(owner: str) -> bool:
    """Return whether an owner was a process of this machine that no longer exists."""
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
