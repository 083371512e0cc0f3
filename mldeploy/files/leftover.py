"""Leftovers on this machine, and their removal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mldeploy.text.data import HIDDEN, InJson, in_json


@dataclass(frozen=True)
class Leftover:
    """A leftover that can be removed.

    Attributes:
        kind: "image", "stage" (an image of a Dockerfile's stage), "container", "folder", "cache".
        name: of the image or container, or the path.
        size: bytes; of an image those not shared with others.
        remove: removes it; returns False if it is in use or this user lacks permission.
    """

    kind: str
    name: str
    size: int = field(metadata=in_json(InJson(key="bytes")))
    remove: Callable[[], bool] = field(metadata=HIDDEN)


@dataclass(frozen=True)
class Cleaned:
    """The result of a cleanup.

    Attributes:
        removed: removed leftovers.
        kept: those in use, or that this user can't remove.
        size: bytes freed.
    """

    removed: tuple[Leftover, ...]
    kept: tuple[Leftover, ...]
    size: int = field(metadata=in_json(InJson(key="bytes")))


def cleaned(found: Sequence[Leftover]) -> Cleaned:
    """Remove leftovers, and return the result."""
    removed = tuple(one for one in found if one.remove())
    kept = tuple(one for one in found if one not in removed)
    return Cleaned(removed, kept, sum(one.size for one in removed))
