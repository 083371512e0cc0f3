"""What builds leave at an engine: what is found, what stays, and what is removed with it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from mldeploy.events import Event
from mldeploy.images.builder import Retention
from mldeploy.images.docker.leftovers import find, remove_left, tidy

BASE = "base"
OLD = time.time() - 86400


@dataclass
class Engine:
    """A store of images as Docker keeps it: names, parents, and refusals of what is needed."""

    stored: dict[str, dict[str, Any]] = field(default_factory=dict)
    running: list[dict[str, Any]] = field(default_factory=list)

    def image(
        self, key: str, *names: str, parent: str = BASE, created: float = OLD, **labels: str
    ) -> str:
        """Put an image there; `mldeploy_project` is the label mldeploy.project."""
        self.stored[key] = {
            "Id": key,
            "RepoTags": [one for one in names if "@" not in one],
            "RepoDigests": [one for one in names if "@" in one],
            "Created": created,
            "Size": 100,
            "Parent": parent,
            "Labels": {one.replace("__", "-").replace("_", "."): labels[one] for one in labels},
        }
        return key

    def final(self, project: str, tag: str, created: float, *more: str, **labels: str) -> str:
        """Put a built image there, made in one step of its own."""
        self.image(f"step-{tag}", parent="env", created=created)
        return self.image(
            f"id-{tag}",
            f"mldeploy/{project}:{tag}",
            *more,
            parent=f"step-{tag}",
            created=created,
            mldeploy_project=project,
            **labels,
        )

    def container(self, key: str, image: str = "", state: str = "exited", **labels: str) -> None:
        self.running.append(
            {
                "Id": key,
                "Names": [f"/{key}"],
                "ImageID": image,
                "State": state,
                "Created": OLD,
                "SizeRw": 5,
                "Labels": {one.replace("_", "."): labels[one] for one in labels},
            }
        )

    def images(self, *, filters: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for one in self.stored.values():
            is_step = any(other["Parent"] == one["Id"] for other in self.stored.values())
            if filters["label"] in one["Labels"] and (one["RepoTags"] or not is_step):
                yield one

    def inspect_image(self, reference: str) -> dict[str, Any]:
        from docker.errors import ImageNotFound

        if reference not in self.stored:
            raise ImageNotFound("no such image")
        return self.stored[reference]

    def remove_image(self, reference: str, *, noprune: bool) -> None:
        from docker.errors import APIError, ImageNotFound

        assert noprune  # an engine may take other images' steps along
        for one in list(self.stored.values()):
            names = [*one["RepoTags"], *one["RepoDigests"]]
            if reference not in {one["Id"], *names}:
                continue
            if any(other["ImageID"] == one["Id"] for other in self.running) or any(
                other["Parent"] == one["Id"] for other in self.stored.values()
            ):
                raise APIError("409 conflict")
            for kind in ("RepoTags", "RepoDigests"):
                one[kind] = [name for name in one[kind] if name != reference]
            if not one["RepoTags"]:
                del self.stored[one["Id"]]
            return
        raise ImageNotFound("no such image")

    def containers(self, *, filters: dict[str, Any] | None = None, **_: Any) -> list[Any]:
        label = (filters or {}).get("label", "")
        return [one for one in self.running if not label or label in one["Labels"]]

    def remove_container(self, key: str, *, force: bool, v: bool) -> None:
        assert force
        assert v
        self.running = [one for one in self.running if one["Id"] != key]

    def df(self) -> dict[str, Any]:
        return {"Images": [{"Id": one, "Size": 100, "SharedSize": 60} for one in self.stored]}


@pytest.fixture
def engine() -> Engine:
    found = Engine()
    found.image(BASE, "public.ecr.aws/lambda/python:3.12", parent="")
    found.image("env")
    return found


def names_of(engine: Engine, retention: Retention, **options: bool) -> list[str]:
    return [one.name for one in find(engine, retention, lambda _: False, **options)]


def test_the_newest_images_of_the_project_stay(engine: Engine) -> None:
    """Neither an image's place in the list nor another project counts, but its age does."""
    for number in (3, 1, 4, 2):
        engine.final("demo", f"t{number}", OLD + number)
    engine.final("other", "o1", OLD)
    assert names_of(engine, Retention("demo", 2)) == ["mldeploy/demo:t2", "mldeploy/demo:t1"]
    assert names_of(engine, Retention("", 0)).count("mldeploy/other:o1") == 1


def test_what_is_used_stays_however_old_it_is(engine: Engine) -> None:
    """A container's image, also where it has ended, and what the caller knows to be used."""
    for number in range(4):
        engine.final("demo", f"t{number}", OLD + number)
    engine.container("c", image="id-t0")
    assert names_of(engine, Retention("demo", 1, frozenset({"id-t1"}))) == ["mldeploy/demo:t2"]


@pytest.mark.parametrize(
    "name", ["mine:1", "registry.example/team/mine:1", "mldeploy/mine:1", "x/mldeploy/demo:1"]
)
def test_an_image_with_a_name_of_the_users_is_not_ours(engine: Engine, name: str) -> None:
    """One built on ours has our labels, and one of ours may have been given another name."""
    engine.image("derived", name, mldeploy_project="demo")
    engine.final("demo", "t1", OLD, name)
    assert names_of(engine, Retention("demo", 0), everything=True) == []


def test_an_image_goes_with_its_names_in_registries(engine: Engine) -> None:
    """`registry/repository@digest`, which a push leaves, goes with the tag, and so do its steps."""
    registry = "1.dkr.ecr.eu-central-1.amazonaws.com/mldeploy/demo@sha256:1"
    engine.final("demo", "t1", OLD, registry)
    (left,) = find(engine, Retention("demo", 0), lambda _: False)
    assert (left.kind, left.size) == ("image", 40)
    assert remove_left(engine, left)
    assert set(engine.stored) == {BASE}


def test_steps_that_another_image_needs_stay(engine: Engine) -> None:
    """The newer image keeps the steps that both are made of, so the next build has its cache."""
    engine.final("demo", "t1", OLD)
    engine.final("demo", "t2", OLD + 1)
    tidy(engine, Retention("demo", 1), lambda _: None)
    assert set(engine.stored) == {BASE, "env", "step-t2", "id-t2"}


def stage(engine: Engine, key: str, name: str, of: str = "", created: float = OLD) -> None:
    labels = {"mldeploy_stage": name, **({"mldeploy_stage__of": of} if of else {})}
    engine.image(key, created=created, **labels)


def test_stages_stay_while_a_build_would_take_them_from_the_cache(engine: Engine) -> None:
    """The newest for the requirements and models of images that stay; the newest of the code."""
    engine.final("demo", "t1", OLD, mldeploy_requirements="r1", mldeploy_model="m1")
    engine.final("other", "o1", OLD, mldeploy_requirements="r2", mldeploy_model="m2")
    for of in ("r0", "r1", "r2"):
        stage(engine, of, "requirements", of)
    stage(engine, "r1-before", "requirements", "r1", OLD - 1)
    stage(engine, "m0", "model", "m0")
    stage(engine, "m1", "model", "m1")
    stage(engine, "code", "code")
    stage(engine, "code-before", "code", "", OLD - 1)
    stage(engine, "building", "model", "m9", time.time())
    gone = {one.id for one in find(engine, Retention("demo", 5), lambda _: False)}
    assert gone == {"r0", "r1-before", "m0", "code-before"}
    everything = find(engine, Retention("", 0), lambda _: False, everything=True)
    assert {one.id for one in everything} > gone | {"r1", "m1", "code", "building"}


def test_only_containers_whose_command_has_ended_are_left(engine: Engine) -> None:
    """Of a build's steps, of checks, and of owners that have ended; none that runs."""
    engine.container("step", mldeploy_stage="requirements")
    engine.container("running-step", state="running", mldeploy_stage="requirements")
    engine.container("check", mldeploy_passing="1")
    engine.container("running-check", state="running", mldeploy_passing="1")
    engine.container("dead-serve", state="running", mldeploy_local="dead")
    engine.container("serve", state="exited", mldeploy_local="alive")
    engine.container("users", state="exited", somebody="else")
    found = find(engine, Retention("demo", 5), lambda owner: owner == "dead")
    assert [one.name for one in found] == ["step", "check", "dead-serve"]
    assert [remove_left(engine, one) for one in found] == [True] * 3
    assert len(engine.running) == 4


def test_what_has_come_to_be_used_is_kept_and_said(engine: Engine) -> None:
    """Between the list and the removal a container may start."""
    engine.final("demo", "t1", OLD)
    (left,) = find(engine, Retention("demo", 0), lambda _: False)
    engine.container("c", image="id-t1", state="running")
    assert not remove_left(engine, left)
    assert "id-t1" in engine.stored


def test_tidying_is_no_reason_to_fail(engine: Engine) -> None:
    """The build has done its work: an engine that refuses is a warning."""
    from docker.errors import APIError

    def refuse(**_: Any) -> Any:
        raise APIError("500 Server Error")

    engine.containers = refuse  # type: ignore[method-assign]
    events = list[Event]()
    tidy(engine, Retention("demo", 0), events.append)
    assert "couldn't be removed" in str(events)
