"""What may be removed of this machine, and what was."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mldeploy.text.data import HIDDEN, InJson, in_json


@dataclass(frozen=True)
class Leftover:
    """What may be removed.

    Attributes:
        kind: "image", "stage" (an image of a Dockerfile's stage), "container", "folder", "cache".
        name: of the image or container, or the path.
        size: bytes; of an image those that it shares with no other.
        remove: removes it; False where it is in use by now, or this user may not.
    """

    kind: str
    name: str
    size: int = field(metadata=in_json(InJson(key="bytes")))
    remove: Callable[[], bool] = field(metadata=HIDDEN)


@dataclass(frozen=True)
class Cleaned:
    """What was removed, and what wasn't.

    Attributes:
        removed: what is gone.
        kept: what is in use, or can't be removed by this user.
        size: bytes that are free now.
    """

    removed: tuple[Leftover, ...]
    kept: tuple[Leftover, ...]
    size: int = field(metadata=in_json(InJson(key="bytes")))


def cleaned(found: Sequence[Leftover]) -> Cleaned:
    """Remove leftovers, and return what came of it."""
    removed = tuple(one for one in found if one.remove())
    kept = tuple(one for one in found if one not in removed)
    return Cleaned(removed, kept, sum(one.size for one in removed))
