"""The way of an emulated AWS's functions to S3, where a share of the requests is spoiled."""

import random
from dataclasses import dataclass, field

from tests.cloud import relay


@dataclass
class Door:
    """What happens to the next requests of the functions to S3: a share is spoiled."""

    share: float = 0.0
    verdicts: tuple[str, ...] = ()
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311
    spoiled: int = 0
    only: str = ""

    def __call__(self, method: str, path: str) -> str:
        if not self.verdicts or self.only not in path or self.chance.random() >= self.share:
            return relay.PASS
        verdict = self.chance.choice(self.verdicts)
        if verdict == relay.CUT and method != "PUT":
            return relay.PASS
        self.spoiled += 1
        return verdict
