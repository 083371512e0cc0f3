"""Another deploy at the same time: a lock notices, and nothing mixed is published."""

from dataclasses import replace

import pytest

from mldeploy.apply import apply
from mldeploy.errors import MldeployError
from mldeploy.plan import Change, Plan, diff
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context
from mldeploy.resources.http_api import HttpApi
from mldeploy.resources.version import Version
from mldeploy.stack import ORDER
from tests.strict.aws import StrictAws
from tests.support.stacks import context, stack_of

NAME = "mldeploy_iris_dev_predict"


@pytest.fixture
def where(aws: StrictAws) -> Context:
    """Everything up to the function is there."""
    found = context(aws.put_image)
    desired = stack_of()
    apply(diff(desired[:5], {}, ORDER), found)
    return found


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
    with pytest.raises(MldeployError) as raised:
        apply(Plan((Change("create", None, version),)), where)
    assert raised.value.code == "MLD406"
    assert "another deploy" in raised.value.message
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
    with pytest.raises(MldeployError) as raised:
        apply(Plan((Change("create", None, version),)), where)
    assert raised.value.code == "MLD406"
    assert "another deploy" in raised.value.message
    assert aws.mutating_calls() == []


def test_an_alias_that_a_rival_moved_is_left_alone(aws: StrictAws, where: Context) -> None:
    """UpdateAlias carries the revision that was observed; a stale one is refused by AWS."""
    desired = stack_of()
    apply(diff(desired[5:7], {}, ORDER), where)
    alias = next(one for one in desired if isinstance(one, Alias))
    before = alias.observe(where)
    assert before is not None
    aws.client("lambda").update_alias(FunctionName=NAME, Name="live", Description="rival")
    change = Change("update", replace(before, release="old"), alias)
    with pytest.raises(MldeployError) as raised:
        apply(Plan((change,)), where)
    assert raised.value.code == "MLD406"


def test_of_two_apis_of_ours_the_one_that_works_stays(aws: StrictAws, where: Context) -> None:
    """Two first deploys that raced: the API whose routes work is kept, the other deleted."""
    desired = stack_of()
    api = next(one for one in desired if isinstance(one, HttpApi))
    gateway = aws.client("apigatewayv2")
    gateway.create_api(Name=api.name, ProtocolType="HTTP", Tags=dict(api.tags))
    stranger = gateway.create_api(Name=api.name, ProtocolType="HTTP")["ApiId"]
    apply(diff(desired[5:], {}, ORDER), where)
    observed = api.observe(where)
    assert observed is not None
    assert any(one.startswith("api ") for one in observed.leftovers)
    apply(Plan((Change("update", observed, api),)), where)
    left = {one["ApiId"] for one in gateway.get_apis()["Items"]}
    assert left == {observed.id, stranger}
