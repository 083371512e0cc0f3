"""Leftovers of builds and killed commands in the engine: images, stages, containers."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note
from mldeploy.images.builder import Retention
from mldeploy.images.docker.connection import translated
from mldeploy.images.docker.running import LABEL
from mldeploy.images.docker.trial import PASSING, remove
from mldeploy.images.spec import PROJECT_LABEL, STAGE_LABEL, STAGE_OF_LABEL

Kind = Literal["image", "stage", "container"]
_YOUNG = 600.0
"""Seconds during which a running build may need an image that nothing refers to yet."""


@dataclass(frozen=True)
class Left:
    """A leftover that can be removed.

    Attributes:
        kind: an image, the image of a Dockerfile's stage, or a container.
        name: for display.
        id: in the engine.
        size: bytes not shared with others.
        names: tags to remove one by one; if empty, the image is removed by its id.
        steps: images of its own steps, last one first; removed with it.
    """

    kind: Kind
    name: str
    id: str
    size: int
    names: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """An image in the engine's list; `created` in seconds since 1970, `size` in bytes."""

    id: str
    names: tuple[str, ...]
    created: float
    size: int
    labels: Mapping[str, str]

    @property
    def project(self) -> str:
        """The project in its label."""
        return self.labels.get(PROJECT_LABEL, "")

    @property
    def is_ours(self) -> bool:
        """Whether all its tags are mldeploy's: an image based on ours has our labels, too."""
        ours = f"mldeploy/{self.project}"
        return bool(self.names) and all(_repository(one) == ours for one in self.names)


def _repository(name: str) -> str:
    """Return the repository in a name, without its registry."""
    path = name.partition("@")[0]
    first, slash, rest = path.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        path = rest
    return path.partition(":")[0]


def superseded(images: Sequence[Seen], retention: Retention) -> list[Seen]:
    """Return the project's images except those to keep: the newest and those in use."""
    ours = [one for one in images if one.is_ours and retention.project in {"", one.project}]
    newest = sorted(ours, key=lambda one: one.created, reverse=True)
    return [one for one in newest[retention.count :] if one.id not in retention.used]


def stale_stages(stages: Sequence[Seen], images: Sequence[Seen], *, before: float) -> list[Seen]:
    """Return the stages' images that no build would use as a cache.

    Args:
        stages: of any project; equal requirements are shared.
        images: to keep. Their labels contain the hashes of their requirements and model.
        before: newer ones may belong to a running build.
    """
    wanted = {value for one in images for value in one.labels.values()}
    cached: set[tuple[str, str]] = set()
    stale = []
    for one in sorted(stages, key=lambda one: one.created, reverse=True):
        stage, of = one.labels.get(STAGE_LABEL, ""), one.labels.get(STAGE_OF_LABEL, "")
        if (stage, of) not in cached and (not of or of in wanted):
            cached.add((stage, of))
        elif one.created < before:
            stale.append(one)
    return stale


def find(
    api: Any,
    retention: Retention,
    is_gone: Callable[[str], bool],
    *,
    everything: bool = False,
) -> list[Left]:
    """Return what can be removed; changes nothing.

    Args:
        api: docker-py's low-level client.
        retention: which images to keep.
        is_gone: returns whether the owner of a serving container has ended.
        everything: include stages that the next build would use as a cache, and new ones.

    Raises:
        MldeployError: MLD301 if the engine doesn't respond.
    """
    before = time.time() + _YOUNG if everything else time.time() - _YOUNG
    with translated():
        containers = _containers(api, is_gone, before)
        gone = {one.id for one in containers}
        rest = [one for one in api.containers(all=True) if one["Id"] not in gone]
        used = retention.used | {str(one.get("ImageID", "")) for one in rest}
        images, stages = _listed(api, PROJECT_LABEL), _listed(api, STAGE_LABEL)
        old = superseded(images, Retention(retention.project, retention.count, frozenset(used)))
        old_ids = {one.id for one in old}
        staying = [] if everything else [one for one in images if one.id not in old_ids]
        heads = [one for one in stages if not one.names and one.id not in used]
        stale = heads if everything else stale_stages(heads, staying, before=before)
        going = {one.id for one in (*old, *stale)}
        rest = [one for one in (*images, *stages) if one.id not in going]
        return [*containers, *(_left_images(api, old, stale, rest) if going else ())]


def _left_images(
    api: Any, old: Sequence[Seen], stale: Sequence[Seen], rest: Sequence[Seen]
) -> Iterator[Left]:
    """Yield the images with those of their steps that no other image uses.

    An engine with the containerd store would also remove steps of other images (seen with Docker
    28.5), which the next build repeats.
    """
    sizes = _own_sizes(api)
    needed = {step for one in rest for step in _steps(api, one.id)}
    for kind, ones in _kinds(old, stale):
        for one in ones:
            steps = tuple(step for step in _steps(api, one.id) if step not in needed)
            name = one.names[0] if one.names else f"{one.labels.get(STAGE_LABEL)} {one.id[7:19]}"
            yield Left(kind, name, one.id, sizes.get(one.id, one.size), one.names, steps)


def _kinds(old: Sequence[Seen], stale: Sequence[Seen]) -> tuple[tuple[Kind, Sequence[Seen]], ...]:
    return (("image", old), ("stage", stale))


def _steps(api: Any, reference: str) -> list[str]:
    """Return the ids of an image's steps, up to the first one with a tag."""
    from docker.errors import ImageNotFound

    found: list[str] = []
    with suppress(ImageNotFound):
        parent = str(api.inspect_image(reference).get("Parent") or "")
        while parent:
            facts = api.inspect_image(parent)
            if facts.get("RepoTags") or facts.get("RepoDigests"):
                break
            found.append(parent)
            parent = str(facts.get("Parent") or "")
    return found


def _listed(api: Any, label: str) -> list[Seen]:
    """Return the images with a label, except those that are only steps of others."""
    return [
        Seen(
            id=str(one["Id"]),
            names=tuple(
                name
                for name in (*(one.get("RepoTags") or ()), *(one.get("RepoDigests") or ()))
                if "<none>" not in name
            ),
            created=float(one.get("Created") or 0),
            size=int(one.get("Size") or 0),
            labels=one.get("Labels") or {},
        )
        for one in api.images(filters={"label": label})
    ]


def _own_sizes(api: Any) -> dict[str, int]:
    """Return the unshared bytes of images."""
    from docker.errors import APIError

    with suppress(APIError):  # Podman's response has another form
        found = api.df().get("Images") or []
        return {
            str(one["Id"]): max(int(one["Size"]) - max(int(one.get("SharedSize", 0)), 0), 0)
            for one in found
        }
    return {}


def _containers(api: Any, is_gone: Callable[[str], bool], before: float) -> list[Left]:
    """Return the containers of commands that have ended."""
    found = {}
    for label in (STAGE_LABEL, next(iter(PASSING)), LABEL):
        for one in api.containers(all=True, size=True, filters={"label": label}):
            if LABEL in one["Labels"]:
                left = is_gone(one["Labels"][LABEL])
            else:
                # A running command may not have removed its own container yet.
                left = one.get("State") != "running" and one["Created"] < before
            if left:
                name = str((one.get("Names") or [one["Id"][:12]])[0]).lstrip("/")
                size = int(one.get("SizeRw") or 0)
                found[one["Id"]] = Left("container", name, one["Id"], size)
    return list(found.values())


def tidy(api: Any, retention: Retention, emit: Emit) -> None:
    """Remove superseded images; a failure doesn't fail the command."""
    try:
        found = find(api, retention, lambda _: False)
        gone = [one for one in found if one.kind != "container" and remove_left(api, one)]
    except MldeployError as error:
        emit(Note(f"superseded images couldn't be removed: {error.message}", "warning"))
        return
    if gone:
        emit(Note(f"removed superseded images: {len(gone)}"))


def remove_left(api: Any, one: Left) -> bool:
    """Remove a leftover; return False if the engine refuses because it is now in use.

    Raises:
        MldeployError: MLD301 if the engine doesn't respond.
    """
    from docker.errors import APIError, ImageNotFound

    with translated():
        try:
            if one.kind == "container":
                remove(api, one.id)
                return True
            for name in one.names or (one.id,):
                with suppress(ImageNotFound):  # a digest is removed with the last tag
                    api.remove_image(name, noprune=True)
        except APIError:
            return False
        with suppress(APIError):  # another image needs this step, and therefore all before it
            for step in one.steps:
                api.remove_image(step, noprune=True)
    return True
