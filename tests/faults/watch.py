"""The oracle that looks after every change: does every request meet the right release?"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from mldeploy.resources.lambda_state import RELEASE
from tests.faults.chain import BrokenChain, Met, Route, Served, by_place, images, served
from tests.faults.world import World
from tests.strict.calls import Call
from tests.strict.lambda_store import aliases, functions, storage

AGAIN = "again, which is the old one"
"""The end of a problem that is none if the program reports that it went back."""


@dataclass
class Watch:
    """Told of every change of the program; remembers what was wrong after one.

    A route that was there before and is there in the end answers all the time, under the same
    API: with the old release, and once that has met the new one with the new one alone. No route
    leads to nothing, or to a third release. No alias moves to a version that wasn't asked for its
    golden examples. Every version has its image, and the release that a rollback goes back to is
    there.

    Attributes:
        world: where.
        before: what was served before the operation.
        after: what is served when it has ended undisturbed.
        problems: what was wrong.
        moved: the routes that serve the new release already.
        proved: (function, version) of what an alias served before.
    """

    world: World
    before: Served
    after: Served
    problems: list[str] = field(default_factory=list)
    moved: set[Route] = field(default_factory=set)
    proved: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.proved |= {(name, number) for name, number, _ in _aliased()}

    def __call__(self, call: Call) -> None:
        """Look, after this change."""
        try:
            wrong = self._wrong(served(self.world.aws))
        except BrokenChain as broken:
            wrong = [str(broken)]
        wrong += self._unproved()
        wrong += _lost(self.world)
        self.problems += [f"after {call.name}: {one}" for one in wrong]

    def _unproved(self) -> list[str]:
        """Say which alias serves a version that nobody asked for its golden examples."""
        known = self.proved | set(self.world.runtime.invoked)
        return [
            f"{name} serves version {number}, which wasn't verified"
            for name, number, _ in _aliased()
            if (name, number) not in known
        ]

    def _wrong(self, now: Served) -> list[str]:
        old = by_place(self.before)
        new = by_place(self.after)
        wrong = [
            f"nothing answers {route.key} of API {route.id} any more"
            for route in self.before
            if route.where in new and route not in now
        ]
        for route, met in now.items():
            if met == new.get(route.where):
                self.moved.add(route)
            elif met != old.get(route.where):
                wrong.append(f"{route.key} meets {_told(met)}, neither the old nor the new one")
            elif route in self.moved:
                wrong.append(f"{route.key} meets {_told(met)} {AGAIN}")
        return wrong


def _told(met: Met) -> str:
    return f"release {met.release or 'none'} on {met.digest[:19]}"


def _aliased() -> Iterator[tuple[str, str, str]]:
    """Yield each function's name, the version that its alias serves, and the alias's note."""
    for name in functions():
        for alias in aliases(name).values():
            yield name, str(alias.function_version), str(alias.description)


def previous_releases() -> Iterator[tuple[str, str]]:
    """Yield each function's name, and the release that a rollback of it goes back to, or ""."""
    for name, _, note in _aliased():
        yield name, str(json.loads(note)["previous"])


def _lost(world: World) -> Iterator[str]:
    """Say which releases can't be gone back to any more."""
    there, digests = images(), world.aws.state.digests
    releases: dict[str, set[str]] = {}
    for name in functions():
        versions = storage()._functions[name]["versions"]
        releases[name] = {str(one.environment_vars.get(RELEASE)) for one in versions}
        for number in (str(one.version) for one in versions):
            if digests[name, number] not in there:
                yield f"the image of version {number} of {name} is gone from ECR"
    for name, previous in previous_releases():
        if previous and previous not in releases[name]:
            yield f"the release {previous} that {name} goes back to is gone"
