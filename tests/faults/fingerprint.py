"""What an account is, as a key: a command that meets an equal one does the same once more."""

import re
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any

from mldeploy.text.digests import digest_of
from tests.faults.saved import in_use
from tests.faults.world import World

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+(Z|[+-]\d\d:?\d\d)?")
_NOW = 1_000_000_000
"""Numbers above are times, in seconds or milliseconds since 1970."""
_ATOMS = (str, bytes, bool, int, float, type(None))
_LOCKS = (type(threading.Lock()), type(threading.RLock()))
_CODE = (FunctionType, MethodType, type, re.Pattern)


def fingerprint(world: World) -> str:
    """Return a hash of all that a command's course depends on, but for when things were made.

    That is moto's stores, what the strict rules remember, the faults that are set, what answers
    behind the account, and the files of the project and of its user.
    """
    plain = Plain()
    stores = [service[account][region] for service, account, region in in_use()]
    armed = replace(world.aws._faults, counted=0)  # counts the calls of the run before
    # What the runtime knows for the time until a change says nothing of its own.
    left_out = {"aws", "_known"}
    behind = {name: one for name, one in vars(world.runtime).items() if name not in left_out}
    contents = [plain.of(one) for one in (*stores, world.aws.state, armed, behind)]
    told = repr((contents, world.builds, _files(world.root.parent)))
    return digest_of(told.encode())


def _files(folder: Path) -> list[tuple[str, bytes]]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(str(path), path.read_bytes()) for path in found]


class Plain:
    """Makes tuples of objects that know one another; each is told once, then by its number."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._kept: list[Any] = []  # an id is an object's own as long as it is there

    def of(self, value: Any) -> Any:
        """Return a value that is equal for equal contents."""
        if isinstance(value, datetime) or (isinstance(value, int | float) and value > _NOW):
            return "time"
        if isinstance(value, _ATOMS):
            return _TIME.sub("time", value) if isinstance(value, str) else value
        if isinstance(value, _LOCKS + _CODE):
            return type(value).__name__
        if id(value) in self._numbers:
            return "number", self._numbers[id(value)]
        self._numbers[id(value)] = len(self._numbers)
        self._kept.append(value)
        return self._parts(value)

    def _parts(self, value: Any) -> Any:
        match value:
            case Mapping():
                return "mapping", *((self.of(key), self.of(one)) for key, one in value.items())
            case list() | tuple() | deque():
                return "list", *map(self.of, value)
            case set() | frozenset():
                return "set", *sorted(map(repr, value))
            case _ if hasattr(value, "__dict__") and not hasattr(value, "__slots__"):
                return type(value).__qualname__, self.of(vars(value))
        return repr(value)  # with its address: nothing is equal to it
