"""The strict layer's instruments: recording, crashes, refusals, throttling, snapshots."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from time import monotonic
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.backends import get_backend

from tests.strict.aws import ACCOUNT, REGION, Crash, StrictAws
from tests.strict.calls import Call
from tests.strict.examples import URI, active, create, prepared, refused

ATTEMPTS = Config(retries={"mode": "standard", "total_max_attempts": 3})


@pytest.fixture
def aws(aws: StrictAws) -> StrictAws:
    """An account in which these tests are the program, and deploy nothing."""
    aws.least.held = False
    return aws


@pytest.fixture
def logs(aws: StrictAws) -> Any:
    """A client as the program makes one."""
    return boto3.client("logs", region_name=REGION, config=ATTEMPTS)


@pytest.fixture
def jumpy() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def groups(aws: StrictAws) -> list[str]:
    found = aws.client("logs").describe_log_groups()["logGroups"]
    return [one["logGroupName"] for one in found]


@pytest.mark.parametrize(
    ("operation", "mutating"),
    [
        ("BatchGetImage", False),
        ("BatchCheckLayerAvailability", False),
        ("BatchDeleteImage", True),
        ("GetFunction", False),
        ("ListTags", False),
        ("DescribeLogGroups", False),
        ("PublishVersion", True),
        ("Invoke", False),
    ],
)
def test_calls_are_told_apart(operation: str, mutating: bool) -> None:  # noqa: FBT001 - a column
    """What isn't plainly a read counts as a change."""
    assert Call("any", operation, {}).mutating is mutating


def test_a_programs_calls_are_recorded_and_a_tests_are_not(aws: StrictAws, logs: Any) -> None:
    """One entry a call, with its parameters; reset forgets them."""
    logs.create_log_group(logGroupName="a")
    logs.describe_log_groups(logGroupNamePrefix="a")
    assert groups(aws) == ["a"]
    assert [call.name for call in aws.calls] == ["logs:CreateLogGroup", "logs:DescribeLogGroups"]
    assert aws.calls[0].params == {"logGroupName": "a"}
    assert aws.mutating_calls() == ["logs:CreateLogGroup"]
    aws.reset_calls()
    assert aws.calls == []


def test_a_crash_may_count_reads_too(aws: StrictAws, logs: Any) -> None:
    """It comes once; after it the account works."""
    aws.crash_at(2, only_mutating=False)
    logs.describe_log_groups()
    with pytest.raises(Crash):
        logs.describe_log_groups()
    logs.describe_log_groups()


def test_a_crash_in_one_of_many_threads_comes_once(aws: StrictAws, logs: Any, jumpy: None) -> None:
    """The k-th call dies whoever makes it; the others take effect."""
    aws.crash_at(5, "after")

    def make(number: int) -> bool:
        try:
            logs.create_log_group(logGroupName=f"g{number}")
        except Crash:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        lived = list(pool.map(make, range(16)))
    assert lived.count(False) == 1
    assert len(groups(aws)) == 16


@pytest.mark.parametrize(
    ("service", "method", "params", "code", "resource"),
    [
        ("lambda", "get_function", {"FunctionName": "f"}, "AccessDeniedException",
         "arn:aws:lambda:eu-central-1:123456789012:function:f"),
        ("iam", "get_role", {"RoleName": "r"}, "AccessDenied",
         "arn:aws:iam::123456789012:role/r"),
        ("ecr", "describe_repositories", {}, "AccessDeniedException", "*"),
    ],
)  # fmt: skip
def test_a_denial_reads_as_iams(  # noqa: PLR0917 - the columns of the table
    aws: StrictAws, service: str, method: str, params: dict[str, str], code: str, resource: str
) -> None:
    """Who may not do what to which resource, in IAM's words; the test's own calls go through."""
    client = boto3.client(service, region_name=REGION)
    operation = client.meta.method_to_api_mapping[method]
    aws.deny(f"{service}:{operation}")
    with pytest.raises(ClientError) as raised:
        getattr(client, method)(**params)
    assert raised.value.response["Error"] == {
        "Code": code,
        "Message": "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: "
        f"{service}:{operation} on resource: {resource} because no identity-based policy allows "
        f"the {service}:{operation} action",
    }
    aws.client("ecr").describe_repositories()


@pytest.mark.parametrize(
    ("service", "method", "code"),
    [
        ("logs", "describe_log_groups", "ThrottlingException"),
        ("ecr", "describe_repositories", "ThrottlingException"),
        ("iam", "list_roles", "Throttling"),
        ("lambda", "list_functions", "TooManyRequestsException"),
        ("apigatewayv2", "get_apis", "TooManyRequestsException"),
    ],
)
def test_throttling_meets_botocores_retries(
    aws: StrictAws, service: str, method: str, code: str
) -> None:
    """Each attempt is throttled; two are retried away, three are too many; no time passes."""
    client = boto3.client(service, region_name=REGION, config=ATTEMPTS)
    name = f"{service}:{client.meta.method_to_api_mapping[method]}"
    started = monotonic()
    aws.throttle(name, 2)
    answer = getattr(client, method)()
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    aws.throttle(name, 3)
    assert refused(getattr(client, method)) == code
    assert len(aws.calls) == 2
    assert monotonic() - started < 5


def test_a_waiter_takes_no_time(aws: StrictAws) -> None:
    """It polls until the function is active, without the seconds between."""
    client = prepared(aws)
    aws.state.reads = 20
    create(client)
    started = monotonic()
    boto3.client("lambda", region_name=REGION).get_waiter("function_active_v2").wait(
        FunctionName="f"
    )
    assert len(aws.calls) == 21
    assert monotonic() - started < 10


def test_invoke_is_answered_by_the_test(aws: StrictAws) -> None:
    """The answer sees the payload; its own may be plain data; a missing function isn't there."""
    client = active(aws)
    aws.on_invoke(lambda params: {"Payload": {"echo": params["Payload"]}, "FunctionError": "x"})
    answer = client.invoke(FunctionName="f", Payload="1")
    assert answer["Payload"].read() == b'{"echo": "1"}'
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "x")
    assert refused(client.invoke, FunctionName="g") == "ResourceNotFoundException"


def test_equal_accounts_have_equal_snapshots(aws: StrictAws) -> None:
    """Ids and times don't matter, content does, and looking moves no state."""
    seen = []
    for tag in ("one", "one", "two"):
        aws.reset()
        client = prepared(aws)
        gateway = aws.client("apigatewayv2")
        api = gateway.create_api(Name="a", ProtocolType="HTTP")["ApiId"]
        create(client, f"{URI}:{tag}", Environment={"Variables": {"API": api}})
        seen.append(aws.snapshot())
        assert client.get_function_configuration(FunctionName="f")["State"] == "Pending"
    assert seen[0] == seen[1]
    assert seen[0] != seen[2]
    assert seen[0]["apis"][0]["ApiId"] == "<api-1>"
    assert aws.calls == []


def test_a_snapshot_is_of_now(aws: StrictAws) -> None:
    """What changes without a call counts too: in moto, in the rules, in what others look at."""
    create(prepared(aws), f"{URI}:one")
    aws.client("logs").create_log_group(logGroupName="g")
    seen = [aws.snapshot()]
    assert aws.snapshot() == seen[0]
    get_backend("logs")[ACCOUNT][REGION].groups["g"].retention_in_days = 7
    seen.append(aws.snapshot())
    aws.state.states["f", "$LATEST"] = "Inactive"
    seen.append(aws.snapshot())
    get_backend("iam")[ACCOUNT]["aws"].roles.popitem()
    seen.append(aws.snapshot())
    assert all(one != other for one, other in pairwise(seen))


def test_many_threads_read_and_write(aws: StrictAws, logs: Any, jumpy: None) -> None:
    """Moto's dicts don't change under a reader's feet."""

    def work(number: int) -> None:
        logs.create_log_group(logGroupName=f"g{number}")
        logs.describe_log_groups()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(24)))
    assert len(groups(aws)) == 24
    assert len(aws.calls) == 48
