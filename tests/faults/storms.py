"""Storms and double crashes, each from a seed."""

import json
import random

from tests.faults.trial import Fault, Reference, Result, finish, try_out
from tests.faults.watch import AGAIN, Watch
from tests.faults.world import Outcome, World
from tests.strict.storm import Storm

# Throttled, met another deploy's change or its own of which it heard nothing, unreachable, AWS's
# own failure, an expired token; each says that the command may be run again.
_RETRYABLE = {"MLD403", "MLD405", "MLD406", "MLD407", "MLD408"}


def storm(world: World, undisturbed: Reference, seed: int) -> Result:
    """Run an operation in a storm: it completes or may be run again, and a calm run finishes it."""
    aws = world.aws
    world.begin(undisturbed.operation)
    watch = aws.watch = Watch(world, undisturbed.before, undisturbed.after)
    aws.weather(Storm(random.Random(seed)))  # noqa: S311 - a trial, no secret
    try:
        outcome = world.take(undisturbed.operation.step)
        aws.weather(None)
        problems = finish(world, undisturbed)
    finally:
        aws.weather(None)
        aws.watch = None
    stopped = str(outcome.error.get("code", ""))
    return Result(3, (*_unfit(outcome), *_unreported(watch, outcome), *problems), stopped)


def _unreported(watch: Watch, outcome: Outcome) -> list[str]:
    """Return what was wrong, without the routes that a failed run reports to have moved back."""
    live = str(outcome.error.get("details", {}).get("live", ""))
    reported = live.count(" again")
    back = [one for one in watch.problems if one.endswith(AGAIN)]
    if len(back) > reported:
        return watch.problems
    return [one for one in watch.problems if one not in back]


def _unfit(outcome: Outcome) -> list[str]:
    """Say what is wrong with how a run in a storm ended."""
    if not outcome.code or outcome.error.get("code") in _RETRYABLE:
        return []
    return [f"the storm ends it with exit {outcome.code}: {json.dumps(outcome.error)}"]


def double(world: World, undisturbed: Reference, seed: int) -> Result:
    """Let two runs in a row crash, each anywhere."""
    chosen = random.Random(seed)  # noqa: S311 - a trial, no secret
    last = len(undisturbed.calls)
    faults = [
        Fault(chosen.randint(1, last), chosen.choice(["before", "after", "lost"])) for _ in range(2)
    ]
    return try_out(world, undisturbed, faults)
