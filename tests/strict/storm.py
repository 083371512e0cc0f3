"""Bad weather: throttling, 5xx, timeouts, lost answers, a token that expires; all from a seed."""

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from tests.strict.calls import Call, RefusedError
from tests.strict.wire import refusal, throttling

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

_ATTEMPTS = 0.3
_LOST = 0.03
_FINAL = 0.02
_EXPIRES = 0.25
_LAST_CALL = 80


@dataclass
class Storm:
    """What befalls calls and their attempts.

    Attributes:
        random: where all of it comes from.
        calls: so many the program has made.
        expires: the number of the call from which on the token is expired, or None.
    """

    random: random.Random
    calls: int = 0
    expires: int | None = field(init=False)

    def __post_init__(self) -> None:
        hit = self.random.random() < _EXPIRES
        self.expires = self.random.randrange(1, _LAST_CALL) if hit else None

    def befall(self, call: Call) -> None:
        """Refuse a call altogether, as after botocore's last attempt.

        Raises:
            RefusedError: throttled, 5xx or an expired token, with AWS's codes.
        """
        self.calls += 1
        if self.expires is not None and self.calls >= self.expires:
            raise RefusedError(
                "ExpiredTokenException",
                "The security token included in the request is expired",
                403,
            )
        if self.random.random() < _FINAL:
            code, status = self.random.choice(
                [throttling(call), ("InternalServerError", 500), ("ServiceUnavailable", 503)]
            )
            raise RefusedError(code, "the storm", status)

    def loses(self, call: Call) -> bool:
        """Tell whether the answer of a change gets lost."""
        return call.mutating and self.random.random() < _LOST

    def blow(self, call: Call, request: "AWSPreparedRequest") -> "AWSResponse | None":
        """Spoil an attempt, before it took effect; botocore makes another one.

        Raises:
            HTTPClientError: ConnectTimeoutError or ReadTimeoutError.
        """
        if self.random.random() >= _ATTEMPTS:
            return None
        match self.random.randrange(5):
            case 0 | 1:
                return refusal(call, request, *throttling(call))
            case 2:
                return refusal(call, request, "InternalFailure", 500)
            case 3:
                raise ConnectTimeoutError(endpoint_url=request.url)
            case _:
                raise ReadTimeoutError(endpoint_url=request.url)
