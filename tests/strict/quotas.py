"""AWS's own count of an account's calls in a region: what comes too soon is refused.

The numbers are AWS's, written down here once more: what the program believes of them is no part of
this. A bucket of tokens is what AWS describes for API Gateway; of Lambda and CloudWatch Logs it
names the rate alone, so a bucket holds no more than one second's.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

# Lambda developer guide, "Lambda quotas": API requests. All but these two share the last.
_GET_FUNCTION, _GET_POLICY, _REMAINDER = 100, 15, 15
# API Gateway developer guide, "Amazon API Gateway quotas": total operations, and their burst.
_GATEWAY, _GATEWAY_BURST = 10, 40
# CloudWatch Logs user guide, "CloudWatch Logs quotas": each operation has its own.
_LOGS = {"CreateLogGroup": 10, "DeleteLogGroup": 10, "DescribeLogGroups": 10}
_LOGS_TAGS_AND_RETENTION = 5
# CloudWatch user guide, "CloudWatch service quotas": each operation has its own.
_CLOUDWATCH = {
    "DeleteAlarms": 3,
    "DescribeAlarms": 9,
    "GetMetricData": 50,
    "PutMetricAlarm": 3,
    "SetAlarmState": 3,
}


def quota_of(service: str, operation: str) -> tuple[str, int, int] | None:
    """Return what a call is counted under, calls a second, and how many at once.

    None where AWS says nothing, and for Invoke.
    """
    if service == "logs":
        rate = _LOGS.get(operation, _LOGS_TAGS_AND_RETENTION)
        return f"logs:{operation}", rate, rate
    if service == "cloudwatch" and operation in _CLOUDWATCH:
        rate = _CLOUDWATCH[operation]
        return f"cloudwatch:{operation}", rate, rate
    if service == "apigatewayv2":
        return service, _GATEWAY, _GATEWAY_BURST
    if service != "lambda" or operation == "Invoke":
        return None
    alone = {"GetFunction": _GET_FUNCTION, "GetPolicy": _GET_POLICY}
    if operation in alone:
        return f"lambda:{operation}", alone[operation], alone[operation]
    return "lambda", _REMAINDER, _REMAINDER


@dataclass
class Quotas:
    """Counts calls, and says which AWS would refuse.

    Attributes:
        clock: in seconds.
        admitted: calls by what they count under.
        refused: the same.
    """

    clock: Callable[[], float] = time.monotonic
    admitted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _tokens: dict[str, tuple[float, float]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def admits(self, service: str, operation: str) -> bool:
        """Count a call that comes now, and tell whether it is answered."""
        found = quota_of(service, operation)
        if found is None:
            return True
        name, rate, burst = found
        with self._lock:
            now = self.clock()
            tokens, at = self._tokens.get(name, (float(burst), now))
            tokens = min(burst, tokens + (now - at) * rate)
            admitted = tokens >= 1
            self._tokens[name] = (tokens - 1 if admitted else tokens, now)
            (self.admitted if admitted else self.refused)[name] += 1
        return admitted

    def reset(self) -> None:
        """Let a quiet minute pass."""
        with self._lock:
            self._tokens.clear()
            self.admitted.clear()
            self.refused.clear()
