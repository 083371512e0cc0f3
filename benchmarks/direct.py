"""Builds and pushes without Docker, compared with the Docker SDK, from the same recipes."""

import os
import re
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.images import Images, base, python, why_not
from benchmarks.measure import Timing, machine, show, show_ratio
from benchmarks.rebuild import EXAMPLE, bytes_in, trained
from mldeploy.events import Emit, Event, Progress
from mldeploy.images.builder import BuildOptions, RepositoryTarget
from mldeploy.images.making import Making, directly, with_docker
from mldeploy.images.spec import ImageSpec
from tests.cloud import base_image, engine
from tests.cloud.registry import Registry, running_registry

ROUNDS = 3
CASES = ("first build and push", "retrained model", "empty runner")
WAYS = ("direct", "docker")


@dataclass
class Cost:
    """The cost of one builder in one case, per round.

    Attributes:
        seconds: all of it.
        unchecked: seconds without those of the golden examples, which start a process or a
            container that imports scikit-learn.
        stored: bytes added to the registry.
    """

    seconds: list[float] = field(default_factory=list)
    unchecked: list[float] = field(default_factory=list)
    stored: list[int] = field(default_factory=list)


@dataclass
class _Check:
    """Notes when a build begins to check the golden examples, which it does last."""

    pass_on: Emit
    began: float = 0.0

    def note(self, event: Event) -> None:
        self.pass_on(event)
        if isinstance(event, Progress) and event.text == "checking the golden examples":
            self.began = time.perf_counter()


def main() -> None:
    """Print seconds and bytes of both ways, or why they can't be measured here."""
    reason = why_not()
    if reason:
        print(f"  left out: {reason}")
        return
    print(f"  {machine()}; {engine.status()}; {base()}\n")
    costs = {f"{case}: {way}": Cost() for case in CASES for way in WAYS}
    with tempfile.TemporaryDirectory() as name, Images() as images:
        project = Path(name) / "iris"
        shutil.copytree(EXAMPLE, project)
        for number in range(ROUNDS):
            with running_registry() as registry:
                one = _Round(project, registry, images, Path(name) / str(number))
                one.measure(number, costs)
                images.forget()
                engine.client().images.remove(one.base)  # a name of it, not the image
    _report(costs)


@dataclass
class _Round:
    """A round with its own registry, which contains the base image."""

    project: Path
    registry: Registry
    images: Images
    place: Path
    _last: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The base image's name in the registry."""
        return f"{self.registry.address}/lambda/python:{python()}"

    def measure(self, number: int, costs: dict[str, Cost]) -> None:
        name = self.base.rpartition(":")[0]
        local = engine.client().images.get(base_image.name_of(python()))
        local.tag(name, python())
        engine.client().images.push(name, python(), auth_config=self.registry.auth_config)
        settings = self.project / "mldeploy.toml"
        text = re.sub(r"(?m)^base = .*\n", "", (EXAMPLE / "mldeploy.toml").read_text())
        text = text.replace('"iris"', '"iris-benchmark"').replace(
            "[image]", f'[image]\nbase = "{self.base}"'
        )
        settings.write_text(text)
        for way in WAYS:
            for case, step in zip(CASES, (3, 5, 6), strict=True):
                spec = trained(self.project, step + 4 * number)
                if case == CASES[2]:
                    self._forget(way)
                self._measure(way, case, spec, costs[f"{case}: {way}"])

    def _making(self, way: str) -> Making:
        if way == "docker":
            return with_docker()
        login = (self.registry.username, self.registry.password)
        return directly(logins=lambda _image: login)

    def _measure(self, way: str, case: str, spec: ImageSpec, cost: Cost) -> None:
        """Build, check and push with a new builder, as a new command does."""
        target = RepositoryTarget(
            f"{self.registry.address}/{way}",
            self.registry.username,
            self.registry.password,
            f"http://{self.registry.address}",
            spec.fingerprint,
        )
        making, stored = self._making(way), bytes_in(self.registry)
        options = BuildOptions(
            cache=(self._last[way], target) if case == CASES[2] else None,
            no_cache=case == CASES[0],
        )
        check, started = _Check(self.images.note), time.perf_counter()
        built = making.builder.build(spec, check.note, options)
        checked = time.perf_counter() - check.began
        pushed = making.builder.push(built, target, check.note)
        cost.seconds.append(time.perf_counter() - started)
        cost.unchecked.append(cost.seconds[-1] - checked)
        cost.stored.append(bytes_in(self.registry) - stored)
        self._last[way] = f"{target.uri}@{pushed.digest}"
        if way == "docker":
            self.images.add(spec.local_tag)

    def _forget(self, way: str) -> None:
        """Leave what an empty runner has: no layer, no image but the base."""
        if way == "docker":
            self.images.forget()
            return
        self.place.mkdir(exist_ok=True)
        os.environ["XDG_CACHE_HOME"] = str(self.place)


def _report(costs: dict[str, Cost]) -> None:
    timings = {name: Timing(tuple(cost.seconds)) for name, cost in costs.items()}
    without = {name: Timing(tuple(cost.unchecked)) for name, cost in costs.items()}
    show(timings)
    print("  without the golden examples:")
    show(without)
    for case in CASES:
        ours, peer = (f"{case}: {way}" for way in WAYS)
        show_ratio(timings, ours, peer)
        show_ratio(without, ours, peer)
        sent = [f"{max(costs[one].stored):,}" for one in (ours, peer)]
        print(f"    bytes stored: {sent[0]} direct, {sent[1]} docker")


if __name__ == "__main__":
    main()
