"""Shared reads: a write of ours makes them untrue, and leaves alone what it doesn't concern."""

import contextlib

import pytest

from mldeploy.aws.clients import Clients
from tests.strict.aws import REGION, StrictAws


@pytest.fixture(autouse=True)
def _calls_of_the_test(aws: StrictAws) -> None:
    """The test calls as no command does: `mldeploy iam policy` isn't what it is held to."""
    aws.least.held = False


@pytest.fixture
def clients(aws: StrictAws) -> Clients:
    """Two functions with an alias each, and all of it read."""
    role = aws.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument="{}")["Role"]
    aws.state.fresh_roles.clear()
    for name in ("one", "two"):
        aws.client("lambda").create_function(
            FunctionName=name,
            Role=role["Arn"],
            Code={"ZipFile": b"zip"},
            Runtime="python3.12",
            Handler="a.b",
        )
        aws.client("lambda").get_function_configuration(FunctionName=name)  # it settles
        aws.client("lambda").publish_version(FunctionName=name)
        aws.client("lambda").create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    found = Clients(REGION)
    look(found)
    aws.reset_calls()
    return found


def look(clients: Clients) -> None:
    """Read what a plan reads of two functions."""
    for name in ("one", "two"):
        clients.observation.read("lambda", "get_function", FunctionName=name)
        clients.observation.read("lambda", "get_alias", FunctionName=name, Name="live")
        clients.observation.read("lambda", "list_versions_by_function", FunctionName=name)
        clients.observation.read("lambda", "get_policy", FunctionName=name, Qualifier="live")
    clients.observation.read("lambda", "list_functions")
    clients.observation.read("ecr", "describe_repositories")


def asked(aws: StrictAws, clients: Clients) -> list[str]:
    """Return which reads are made again."""
    aws.reset_calls()
    look(clients)
    return [f"{one.operation} {one.params.get('FunctionName', '')}".strip() for one in aws.calls]


def test_nothing_is_read_twice(aws: StrictAws, clients: Clients) -> None:
    """Without a write, what was read is what is known."""
    assert asked(aws, clients) == []


@pytest.mark.parametrize(
    ("operation", "parameters", "again"),
    [
        ("update_function_configuration", {"MemorySize": 512}, ["GetFunction two"]),
        ("update_alias", {"Name": "live", "Description": "x"}, ["GetAlias two"]),
        ("publish_version", {}, ["ListVersionsByFunction two"]),
        (
            "put_function_concurrency",
            {"ReservedConcurrentExecutions": 1},
            [
                *("GetFunction two", "GetAlias two", "ListVersionsByFunction two"),
                *("GetPolicy two", "ListFunctions"),
            ],
        ),
    ],
)
def test_a_write_drops_what_it_makes_untrue(
    aws: StrictAws,
    clients: Clients,
    operation: str,
    parameters: dict[str, object],
    again: list[str],
) -> None:
    """Of the same function, and no more of it than it changes where that is known."""
    getattr(clients.functions, operation)(FunctionName="two", **parameters)
    assert asked(aws, clients) == again


def test_a_write_that_fails_may_have_taken_effect(aws: StrictAws, clients: Clients) -> None:
    """An answer that got lost, or a refusal of the second attempt: what is there is read anew."""
    aws.deny("lambda:UpdateAlias")
    with pytest.raises(Exception, match="not authorized"):
        clients.functions.update_alias(FunctionName="two", Name="live")
    assert asked(aws, clients) == ["GetAlias two"]


def test_a_service_whose_writes_name_nothing_is_read_anew(aws: StrictAws, clients: Clients) -> None:
    """Whatever a write to ECR concerned, nothing of ECR's is believed after it."""
    clients.ecr.create_repository(repositoryName="rep")
    assert asked(aws, clients) == ["DescribeRepositories"]


def test_an_error_is_not_kept(aws: StrictAws, clients: Clients) -> None:
    """Whoever asks again may be answered."""
    aws.deny("iam:GetRole")
    with pytest.raises(Exception, match="not authorized"):
        clients.observation.read("iam", "get_role", RoleName="r")
    aws._faults.denied.clear()
    assert clients.observation.read("iam", "get_role", RoleName="r") is None


def test_what_a_write_answered_needs_no_read(aws: StrictAws, clients: Clients) -> None:
    """UpdateAlias answers what GetAlias would."""
    answer = clients.functions.update_alias(FunctionName="two", Name="live", Description="x")
    clients.observation.remember("lambda", "get_alias", answer, FunctionName="two", Name="live")
    assert asked(aws, clients) == []
    found = clients.observation.read("lambda", "get_alias", FunctionName="two", Name="live")
    assert found is not None
    assert found["Description"] == "x"


def test_asking_anew_asks_what_it_names_and_shares_the_answer(
    aws: StrictAws, clients: Clients
) -> None:
    """Before a lock is relied on: what it doesn't name stays known."""
    look(clients)
    clients.observation.again("lambda", "get_alias", FunctionName="two")
    assert asked(aws, clients) == ["GetAlias two"]
    assert asked(aws, clients) == []


@pytest.mark.parametrize("fails", [False, True])
def test_a_change_past_boto3_says_what_it_outdates(
    aws: StrictAws, clients: Clients, *, fails: bool
) -> None:
    """A push: also one that fails may have arrived, and what is read meanwhile isn't kept."""
    with contextlib.suppress(OSError), clients.observation.outdates("ecr"):
        look(clients)
        if fails:
            raise OSError
    assert asked(aws, clients) == ["DescribeRepositories"]


@pytest.mark.parametrize("operation", ["delete_function", "update_alias", "invoke", "sign"])
def test_what_writes_is_no_read(aws: StrictAws, clients: Clients, operation: str) -> None:
    """It is refused before AWS is asked."""
    with pytest.raises(TypeError, match=f"{operation} writes"):
        clients.observation.read("lambda", operation, FunctionName="one")
    assert aws.calls == []
