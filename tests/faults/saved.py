"""An emulated account, put aside and taken up again: a deployment isn't made for every trial."""

import copy
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.core.base_backend import BackendDict

from tests.strict.aws import StrictAws

_LOCK = type(threading.RLock())


@dataclass(frozen=True)
class Saved:
    """A copy of an account.

    Attributes:
        where: (service, account, region) of each of moto's backends.
        backends: those, which their contents refer to.
        contents: their attributes, in the same order.
        state: what the strict rules remember.
    """

    where: tuple[tuple[Any, str, str], ...]
    backends: tuple[Any, ...]
    contents: list[dict[str, Any]]
    state: dict[str, Any]


def save(aws: StrictAws) -> Saved:
    """Return a copy of everything in the account."""
    where = tuple(in_use())
    backends = tuple(service[account][region] for service, account, region in where)
    pairs = [(one, one) for one in backends]
    contents, state = _copied([vars(one) for one in backends], vars(aws.state), pairs)
    return Saved(where, backends, contents, state)


def restore(aws: StrictAws, saved: Saved) -> None:
    """Make the account what it was; what came meanwhile is gone."""
    aws.reset()
    backends = [service[account][region] for service, account, region in saved.where]
    pairs = list(zip(saved.backends, backends, strict=True))
    contents, state = _copied(saved.contents, saved.state, pairs)
    for backend, content in zip(backends, contents, strict=True):
        vars(backend).clear()
        vars(backend).update(content)
    for name, value in state.items():
        setattr(aws.state, name, value)
    # Moto's versions are known there by their ids, and these are new objects.
    aws.state.copied = {id(one): one for one in aws.state.copied.values()}


def _copied(
    contents: list[dict[str, Any]], state: dict[str, Any], backends: list[tuple[Any, Any]]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Copy all at once, for the parts know one another.

    Args:
        contents: of the backends.
        state: the rules'.
        backends: what they refer to, and what the copy is to refer to.
    """
    memo = {id(old): new for old, new in backends}
    # A lock can't be copied, and needn't be.
    memo |= {id(v): v for one in contents for v in one.values() if isinstance(v, _LOCK)}
    copied: tuple[list[dict[str, Any]], dict[str, Any]] = copy.deepcopy((contents, state), memo)
    return copied


def in_use() -> Iterator[tuple[Any, str, str]]:
    """Yield the backends of the account: (service, account, region)."""
    for service in BackendDict._instances:  # type: ignore[misc]
        for account, regions in service.items():
            for region in regions:
                yield service, account, region
