"""Tables of (desired, observed) → plan."""

from dataclasses import replace

from mldeploy.plan.diff import Difference, diff
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Key, Resource, key
from mldeploy.resources.function import Function
from mldeploy.resources.http_api.api import HttpApi
from mldeploy.resources.http_api.parts import Cors, Route
from mldeploy.resources.kinds import ORDER
from mldeploy.resources.log_group import LogGroup
from mldeploy.resources.repository import Repository
from mldeploy.resources.role import Role
from mldeploy.resources.version import Version

FUNCTION = Function(
    "f", role="r", image="one", memory=512, environment=(("A", "1"), ("MLDEPLOY_RELEASE", "x"))
)


def seen(*resources: Resource) -> dict[Key, Resource]:
    return {key(one): one for one in resources}


def steps(desired: list[Resource], observed: dict[Key, Resource]) -> list[str]:
    return [change.step for change in diff(desired, observed, ORDER).changes]


def test_nothing_to_do_is_an_empty_plan() -> None:
    """Equal desired and observed make a plan that is falsy."""
    assert not diff([FUNCTION], seen(FUNCTION), ORDER)


def test_what_the_server_assigns_takes_no_part() -> None:
    """An observed digest, version number or revision is no difference."""
    observed = seen(
        replace(FUNCTION, digest="sha256:1"), Alias("f", "x", version="7", revision="abc")
    )
    assert not diff([FUNCTION, Alias("f", "x")], observed, ORDER)


def test_creations_keep_the_order_of_dependence() -> None:
    """What is missing is made in the order in which stack() gives it."""
    assert steps([LogGroup("f"), FUNCTION, Version("f", "x")], {}) == [
        "create log group /aws/lambda/f",
        "create function f",
        "create version f@x",
    ]


def test_deletions_come_last_and_in_reverse() -> None:
    """A removed function goes after the API has let go of it, its log group at the very end."""
    observed = seen(
        LogGroup("g"), Role("g_r"), Function("g"), HttpApi("api", rate=1.0), Repository("repo")
    )
    assert steps([HttpApi("api", rate=2.0), Repository("repo")], observed) == [
        "update http api api",
        "delete function g",
        "delete role g_r",
        "delete log group /aws/lambda/g",
    ]


def test_destroying_goes_from_the_gateway_inward() -> None:
    """Requests stop first; the inventory is forgotten last."""
    observed = seen(LogGroup("f"), Repository("repo"), Role("r"), Function("f"), HttpApi("api"))
    assert [step.split()[1] for step in steps([], observed)] == [
        "http", "function", "role", "repository", "log",
    ]  # fmt: skip


def test_an_update_names_each_field() -> None:
    """Before and after stand side by side, and only where they differ."""
    (change,) = diff([replace(FUNCTION, memory=1024)], seen(FUNCTION), ORDER).changes
    assert change.differences == (Difference("memory", "512", "1024"),)


def test_environment_values_are_never_shown() -> None:
    """A variable is set, unset or another value; what it holds stays unsaid."""
    after = replace(
        FUNCTION, environment=(("A", "hunter2"), ("B", "s3cret"), ("MLDEPLOY_RELEASE", "y"))
    )
    (change,) = diff([after], seen(FUNCTION), ORDER).changes
    assert change.differences == (
        Difference("environment.A", "(a value)", "(another value)"),
        Difference("environment.B", "", "(set)"),
        Difference("release", "x", "y"),
    )
    assert "hunter2" not in repr(after)


def test_routes_are_compared_one_by_one() -> None:
    """A changed route is named by its key; one that is fine isn't mentioned."""
    before = HttpApi("api", routes=(Route("GET /a", "f"), Route("POST /b", "f", permitted=False)))
    after = HttpApi("api", routes=(Route("GET /a", "f"), Route("POST /b", "f")))
    (change,) = diff([after], seen(before), ORDER).changes
    (difference,) = change.differences
    assert difference == Difference("routes.POST /b permitted", "no", "yes")


def test_a_route_that_comes_names_its_function_and_who_may_call_it() -> None:
    """And nothing of how the API is wired."""
    before = HttpApi("api", routes=(Route("GET /a", "f"),))
    after = HttpApi("api", routes=(Route("GET /a", "f"), Route("POST /b", "g", "AWS_IAM")))
    (change,) = diff([after], seen(before), ORDER).changes
    assert change.differences == (Difference("routes.POST /b", "", "g, auth AWS_IAM"),)


def test_cors_that_goes_is_shown_as_gone() -> None:
    """An optional part that is taken away has an empty after."""
    before = HttpApi("api", cors=Cors(("https://a.example",)))
    (change,) = diff([HttpApi("api")], seen(before), ORDER).changes
    (difference,) = change.differences
    assert difference.field == "cors"
    assert difference.after == ""
