"""The oracle that looks after every change: does every request meet the right release?"""

from dataclasses import dataclass, field

from tests.faults.chain import BrokenChain, Met, Route, Served, served
from tests.strict.aws import StrictAws
from tests.strict.calls import Call


@dataclass
class Watch:
    """Told of every change of the program; remembers what was wrong after one.

    A route that was there before and is there in the end answers all the time, under the same
    API: with the old release, and once that has met the new one with the new one alone. No route
    leads to nothing, or to a third release.

    Attributes:
        aws: the account.
        before: what was served before the operation.
        after: what is served when it has ended undisturbed.
        problems: what was wrong.
        moved: the routes that serve the new release already.
    """

    aws: StrictAws
    before: Served
    after: Served
    problems: list[str] = field(default_factory=list)
    moved: set[Route] = field(default_factory=set)

    def __call__(self, call: Call) -> None:
        """Look, after this change."""
        try:
            now = served(self.aws)
        except BrokenChain as broken:
            self.problems.append(f"after {call.name}: {broken}")
            return
        self.problems += [f"after {call.name}: {one}" for one in self._wrong(now)]

    def _wrong(self, now: Served) -> list[str]:
        old = {route.where: met for route, met in self.before.items()}
        new = {route.where: met for route, met in self.after.items()}
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
                wrong.append(f"{route.key} meets {_told(met)} again, which is the old one")
        return wrong


def _told(met: Met) -> str:
    return f"release {met.release or 'none'} on {met.digest[:19]}"
