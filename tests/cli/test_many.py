"""Many functions: how many calls each one costs, by the commands that people run."""

from collections import Counter
from pathlib import Path

import pytest

from tests.strict.aws import StrictAws
from tests.support.commands import Command
from tests.support.others import MOST_READS, calls_of_others, others

FEW, MANY = 2, 6


def settings(functions: int, memory: int = 512) -> str:
    """Return a project of so many functions."""
    head = '[project]\nname = "iris"\nregion = "eu-central-1"\n\n[api]\nauth = "none"\n'
    return head + "".join(
        f'\n[functions.f{number}]\nroute = "POST /f{number}"\nmemory = {memory}\n'
        for number in range(functions)
    )


Costs = dict[str, Counter[str]]


@pytest.fixture
def costs(command: Command, aws: StrictAws, project: Path) -> Costs:
    """The calls that one more function costs, by what is done.

    Lists come in one page, as on AWS; each wait finds that it was too early once.
    """
    aws.state.page = 100
    aws.state.reads = 1
    unnamed = calls_of_others()
    counted: dict[int, dict[str, Counter[str]]] = {}
    for functions in (FEW, MANY):
        aws.reset()
        aws.state.page = 100
        found = counted[functions] = {}
        for what, words, memory in (
            ("plan of nothing", ("plan",), 512),
            ("first deploy", ("deploy",), 512),
            ("plan", ("plan",), 512),
            ("plan of more memory", ("plan",), 1024),
            ("more memory", ("deploy",), 1024),
        ):
            (project / "mldeploy.toml").write_text(settings(functions, memory))
            aws.reset_calls()
            assert command(*words)[0] == 0
            found[what] = Counter(call.name for call in aws.calls if call.name not in unnamed)
            if words == ("plan",):
                theirs = sum(call.name in unnamed for call in aws.calls)
                assert theirs <= MOST_READS * functions * len(others())
    more = MANY - FEW
    return {
        what: Counter(
            {
                name: (count - counted[FEW][what][name]) / more
                for name, count in calls.items()
                if count != counted[FEW][what][name]
            }
        )
        for what, calls in counted[MANY].items()
    }


def test_a_changed_setting_costs_ten_calls_a_function(costs: Costs) -> None:
    """Beyond the plan, in all services; two of them are waits that came too early."""
    costs["more memory"].subtract(costs["plan of more memory"])
    assert +costs["more memory"] == {
        "lambda:GetFunction": 6,
        "lambda:Invoke": 1,
        "lambda:PublishVersion": 1,
        "lambda:UpdateAlias": 1,
        "lambda:UpdateFunctionConfiguration": 1,
    }


def test_a_first_deploy_reads_little_and_nothing_twice(costs: Costs) -> None:
    """Of a function that isn't there nothing else is asked; what was made isn't read again."""
    assert costs["plan of nothing"].total() <= 3
    costs["first deploy"].subtract(costs["plan of nothing"])
    reads = {
        name: count
        for name, count in (+costs["first deploy"]).items()
        if name.partition(":")[2].startswith(("Get", "List", "Describe"))
    }
    # Two waits, each of them too early once; the revision and the image that are published.
    assert reads == {"lambda:GetFunction": 5, "lambda:ListVersionsByFunction": 1}
    assert costs["first deploy"].total() <= 19


def test_a_plan_asks_each_thing_once(costs: Costs) -> None:
    """Of all calls but GetFunction, GetPolicy and Invoke AWS takes 15 a second together."""
    slow = {
        name: count
        for name, count in costs["plan"].items()
        if name.startswith("lambda:") and name not in {"lambda:GetFunction", "lambda:GetPolicy"}
    }
    assert slow == dict.fromkeys(
        (
            "lambda:GetAlias",
            "lambda:GetProvisionedConcurrencyConfig",
            "lambda:ListAliases",
            "lambda:ListFunctionEventInvokeConfigs",
            "lambda:ListFunctionUrlConfigs",
        ),
        1,
    )
