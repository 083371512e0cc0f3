"""Finds what mldeploy created on this machine and what can be removed."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from mldeploy.config import Config
from mldeploy.embedded.images import engine_images
from mldeploy.embedded.place import alone, home, lives
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note
from mldeploy.files.leftover import Leftover
from mldeploy.files.places import cache_home, state_home
from mldeploy.files.scratch import left_scratch, remove_path, size_of
from mldeploy.images.builder import Retention
from mldeploy.images.docker.connection import connect
from mldeploy.images.docker.leftovers import Left, find, remove_left
from mldeploy.images.docker.running import owners
from mldeploy.local.environments.owners import has_crashed


def retention(config: Config, owned: frozenset[str] = frozenset()) -> Retention:
    """Return which of the project's images to keep: [deploy] keep per model, and those in use.

    Args:
        config: the project.
        owned: owners of the engine's containers, including embedded AWS servers of other folders.
    """
    count = config.deploy.keep * max(len(config.used_models), 1)
    return Retention(config.name, count, _used(owned))


def _used(owned: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the images that functions of running embedded AWS servers use."""
    folders = {home(), *(Path(one) for one in owned if Path(one).is_absolute())}
    return frozenset().union(*(engine_images(one) for one in folders if lives(one)))


def leftovers(
    config: Config | None, emit: Emit, connect: Callable[[], Any] = connect, *, everything: bool
) -> list[Leftover]:
    """Return what can be removed; changes nothing.

    Args:
        config: the project; None for every project's.
        emit: gets a note if no engine is running.
        connect: finds the Docker engine.
        everything: include the newest images, stages, caches and logs.
    """
    return [
        *_of_engine(config, emit, connect, everything=everything),
        *_of_disk(everything=everything),
    ]


def _of_engine(
    config: Config | None, emit: Emit, connect: Callable[[], Any], *, everything: bool
) -> Iterator[Leftover]:
    try:
        api = connect()
        owned = owners(api)
        kept = Retention("", 0, _used(owned))
        if config is not None:
            kept = retention(config, owned)
        found = find(api, kept, _is_gone, everything=everything)
    except MldeployError as error:
        emit(Note(f"skipped images and containers: {error.message}", "warning"))
        return
    for one in found:
        yield Leftover(one.kind, one.name, one.size, _remover(api, one))


def _remover(api: Any, one: Left) -> Callable[[], bool]:
    return lambda: remove_left(api, one)


def _is_gone(owner: str) -> bool:
    """Return whether the owner of a container has ended; False for owners on other machines."""
    if Path(owner).is_absolute():
        return Path(owner).is_dir() and not lives(Path(owner))
    return has_crashed(owner)


def _of_disk(*, everything: bool) -> Iterator[Leftover]:
    for path in left_scratch():
        yield _of_path("folder", path)
    if home().is_dir() and not lives(home()):
        yield Leftover("folder", str(home()), size_of(home()), _remove_dead_cloud)
    if not everything:
        return
    with suppress(RuntimeError):  # no home
        for folder in (cache_home(), state_home() / "errors", state_home() / "golden"):
            if folder.is_dir():
                yield _of_path("cache", folder)


def _of_path(kind: str, path: Path) -> Leftover:
    return Leftover(kind, str(path), size_of(path), lambda: remove_path(path))


def _remove_dead_cloud() -> bool:
    with alone(home()):
        if lives(home()):
            return False
        return remove_path(home())
