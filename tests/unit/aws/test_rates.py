"""The pace: below AWS's rates from the first call on, and slower where AWS refuses."""

from dataclasses import dataclass
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from mldeploy.aws.clients import Clients
from mldeploy.aws.emulated import Emulator
from mldeploy.aws.rates import Bucket, Pace
from mldeploy.facts.rates import Rate
from tests.strict.aws import REGION, StrictAws
from tests.strict.quotas import Quotas
from tests.unit.aws.test_clients import Body


@dataclass
class Clock:
    """Time that passes by sleeping alone."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def _calls_of_the_test(aws: StrictAws) -> None:
    """The test calls as no command does: `mldeploy iam policy` isn't what it is held to."""
    aws.least.held = False


class Client:
    """A client of one service, as far as the pace knows one: its events."""

    def __init__(self, service: str, pace: Pace) -> None:
        self.service = service
        self.handlers: dict[str, Any] = {}
        self.meta = self.events = self
        pace.watch(self, service)

    def register(self, event: str, handler: Any) -> None:
        self.handlers[event] = handler

    register_first = register

    def attempt(self, operation: str) -> None:
        name = f"before-send.{self.service}.{operation}"
        self.handlers["before-send"](request=None, event_name=name)


CALLS = {
    "lambda": (
        "GetFunction",
        "GetPolicy",
        "GetAlias",
        "UpdateFunctionConfiguration",
        "AddPermission",
    ),
    "apigatewayv2": ("GetRoutes", "CreateRoute", "CreateIntegration"),
    # A kind's that mldeploy doesn't have: no rate of its calls is known.
    "cloudwatch": ("DescribeAlarms", "PutMetricAlarm", "DeleteAlarms"),
    "logs": ("CreateLogGroup", "ListTagsForResource", "PutRetentionPolicy", "DescribeLogGroups"),
}


@pytest.mark.parametrize("service", CALLS)
def test_aws_never_has_to_refuse(service: str) -> None:
    """However fast 600 calls come, AWS's own count finds none too early; nor is it half of that."""
    clock = Clock()
    aws = Quotas(clock)
    client = Client(service, Pace(clock.sleep, clock))
    for number in range(600):
        operation = CALLS[service][number % len(CALLS[service])]
        client.attempt(operation)
        assert aws.admits(service, operation), f"{operation}, call {number}"
    slowest = {"lambda": 15 / 3 * 5, "apigatewayv2": 10, "cloudwatch": 3 * 3, "logs": 5 * 4}[
        service
    ]
    assert clock.now - 1000 < 2 * 600 / slowest


@pytest.mark.parametrize(("operation", "most"), [("GetFunction", 80), ("GetAlias", 12)])
def test_a_few_calls_at_once_wait_for_nothing(operation: str, most: int) -> None:
    """A small deploy's burst is free; the call after it isn't."""
    clock = Clock()
    client = Client("lambda", Pace(clock.sleep, clock))
    for _ in range(most):
        client.attempt(operation)
    assert clock.now == 1000
    client.attempt(operation)
    assert clock.now > 1000


def test_invocations_are_not_held_back() -> None:
    """Invoke is no call of the control plane."""
    clock = Clock()
    client = Client("lambda", Pace(clock.sleep, clock))
    for _ in range(1000):
        client.attempt("Invoke")
    assert clock.now == 1000


def test_a_refusal_halves_the_rate_once_and_a_minute_heals_it() -> None:
    """Eight threads that are refused together are one sign; AWS's rate is found again."""
    clock = Clock()
    bucket = Bucket(Rate(10, 10), clock)
    for _ in range(8):
        bucket.slow_down()
    assert bucket.take() == pytest.approx(1 / 4)
    clock.sleep(30)
    for _ in range(8):
        bucket.take()
    assert bucket.take() == pytest.approx(1 / 8, rel=0.3)
    clock.sleep(60)
    for _ in range(8):
        assert bucket.take() == 0
    assert bucket.take() == pytest.approx(1 / 8)


def test_refusals_that_go_on_make_it_slower_still_but_never_stop_it() -> None:
    """Another deploy may take nearly all of the quota; ours goes on with what is left."""
    clock = Clock()
    bucket = Bucket(Rate(16, 16), clock)
    for _ in range(20):
        bucket.slow_down()
        clock.sleep(1)
    bucket.slow_down()
    assert 0.5 < bucket.take() < 2


def test_every_attempt_counts_and_learns(aws: StrictAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """What botocore repeats takes a token each time, and a 429 slows what follows."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    clock = Clock()
    clients = Clients(REGION, pace=lambda _sleep: Pace(clock.sleep, clock))
    lambdas = clients.functions
    attempts: list[float] = []

    def answer(**_: Any) -> AWSResponse | None:
        attempts.append(clock.now)
        if len(attempts) > 3:
            return None
        headers = {"x-amzn-errortype": "TooManyRequestsException"}
        return AWSResponse("https://x", 429, headers, Body(b'{"message": "Rate exceeded"}'))

    lambdas.meta.events.register_first("before-send", answer)
    lambdas.list_functions()
    assert len(attempts) == 4
    # The bucket was full: only the refusal makes the second attempt wait for a token.
    assert attempts[0] == 1000
    assert attempts[1] >= 1000 + 1 / 12


def test_an_emulator_of_ours_is_asked_without_a_pace() -> None:
    """It has no rates; what AWS_ENDPOINT_URL names may be AWS itself."""
    assert Clients(REGION, emulator=Emulator("http://127.0.0.1:1")).pace is None
    assert Clients(REGION).pace is not None
