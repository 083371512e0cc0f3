"""Another deploy at the same time: a lock notices, and nothing mixed is published."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from moto.backends import get_backend

from mldeploy.errors import MldeployError
from mldeploy.plan.apply import apply
from mldeploy.plan.diff import Change, Plan, diff
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context
from mldeploy.resources.http_api.api import HttpApi
from mldeploy.resources.http_api.leftovers import OtherApi
from mldeploy.resources.kinds import ORDER
from mldeploy.resources.version import Version
from tests.strict.aws import ACCOUNT, REGION, StrictAws
from tests.support.stacks import context, stack_of

NAME = "mldeploy_iris_dev_predict"


@pytest.fixture
def where(aws: StrictAws) -> Context:
    """Everything up to the function is there."""
    found = context(aws.put_image)
    desired = stack_of()
    apply(diff(desired[:5], {}, ORDER), found)
    return found


@contextmanager
def lost_to_another_deploy() -> Iterator[None]:
    """Expect MLD406, in words."""
    with pytest.raises(MldeployError) as raised:
        yield
    assert raised.value.code == "MLD406"
    assert "another deploy" in raised.value.message


def overtake(aws: StrictAws) -> None:
    """Change the function as a rival's deploy would, and let the change settle."""
    client = aws.client("lambda")
    client.update_function_configuration(
        FunctionName=NAME, Environment={"Variables": {"MLDEPLOY_RELEASE": "rival"}}
    )
    client.get_function_configuration(FunctionName=NAME)


def test_what_a_rival_changed_is_not_published(aws: StrictAws, where: Context) -> None:
    """The function carries another release than the one to publish: MLD406, no version."""
    version = next(one for one in stack_of() if isinstance(one, Version))
    overtake(aws)
    aws.reset_calls()
    with lost_to_another_deploy():
        apply(Plan((Change("create", None, version),)), where)
    assert aws.mutating_calls() == []


def test_a_rivals_image_is_not_published_as_our_release(aws: StrictAws, where: Context) -> None:
    """A rival's code came between our code and our configuration: MLD406, no mixed version."""
    version = next(one for one in stack_of() if isinstance(one, Version))
    aws.put_image("mldeploy/iris", "b" * 32, "a rival's")
    client = aws.client("lambda")
    uri = aws.client("ecr").describe_repositories()["repositories"][0]["repositoryUri"]
    client.update_function_code(FunctionName=NAME, ImageUri=f"{uri}:{'b' * 32}")
    client.get_function_configuration(FunctionName=NAME)
    aws.reset_calls()
    with lost_to_another_deploy():
        apply(Plan((Change("create", None, version),)), where)
    assert aws.mutating_calls() == []


def test_an_alias_that_a_rival_moved_is_left_alone(aws: StrictAws, where: Context) -> None:
    """UpdateAlias carries the revision that was observed; a stale one is refused by AWS."""
    desired = stack_of()
    apply(diff(desired[5:7], {}, ORDER), where)
    alias = next(one for one in desired if isinstance(one, Alias))
    before = alias.observe(where.reads)
    assert before is not None
    aws.client("lambda").update_alias(FunctionName=NAME, Name="live", Description="rival")
    change = Change("update", replace(before, release="old"), alias)
    with pytest.raises(MldeployError) as raised:
        apply(Plan((change,)), where)
    assert raised.value.code == "MLD406"


def api_of_ours() -> HttpApi:
    return next(one for one in stack_of() if isinstance(one, HttpApi))


def make_api(aws: StrictAws, minutes_later: int = 0, **more: Any) -> str:
    """Create an API with our name, as made some minutes later (negative: earlier) than now."""
    made = aws.client("apigatewayv2").create_api(
        Name=api_of_ours().name, ProtocolType="HTTP", **more
    )
    stored = get_backend("apigatewayv2")[ACCOUNT][REGION].apis[made["ApiId"]]
    stored.created_date += timedelta(minutes=minutes_later)
    return str(made["ApiId"])


def rivals_api(aws: StrictAws, minutes_later: int) -> str:
    """Create an API as another first deploy of the same project and stage does."""
    return make_api(aws, minutes_later, Tags=dict(api_of_ours().tags))


def apis(aws: StrictAws) -> set[str]:
    return {one["ApiId"] for one in aws.client("apigatewayv2").get_apis()["Items"]}


def test_of_two_apis_of_ours_the_one_that_works_stays(aws: StrictAws, where: Context) -> None:
    """Two first deploys that raced: the API whose routes work is kept, the older one deleted."""
    apply(diff(stack_of()[5:], {}, ORDER), where)
    (works,) = apis(aws)
    rivals_api(aws, minutes_later=-5)
    stranger = make_api(aws)
    where.reads.again()
    observed = api_of_ours().observe(where.reads)
    assert observed is not None
    assert any(isinstance(one, OtherApi) for one in observed.leftovers)
    apply(Plan((Change("update", observed, api_of_ours()),)), where)
    assert apis(aws) == {works, stranger}


@pytest.mark.parametrize("minutes_later", [-5, 0])
def test_where_a_rival_made_the_api_first_ours_goes_again(
    aws: StrictAws, where: Context, minutes_later: int
) -> None:
    """The rival's came between our look and our call: MLD406, and only the rival's is left."""
    rivals = rivals_api(aws, minutes_later)
    with lost_to_another_deploy():
        apply(diff(stack_of()[5:], {}, ORDER), where)
    assert apis(aws) == {rivals}


def test_where_a_rival_made_an_api_later_ours_stays(aws: StrictAws, where: Context) -> None:
    """The rival gives way, so this deploy goes on."""
    rivals_api(aws, minutes_later=5)
    apply(diff(stack_of()[5:], {}, ORDER), where)
    assert api_of_ours().observe(where.reads) is not None
