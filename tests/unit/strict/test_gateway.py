"""The strict layer on HTTP APIs and accounts: what moto lacks or accepts."""

import inspect
import re
from typing import Any

import pytest
from botocore.session import get_session

from mldeploy.resources.kind import actions_of
from mldeploy.resources.kinds import KINDS
from tests.strict.aws import StrictAws
from tests.strict.calls import AFTER, BEFORE
from tests.strict.examples import URI, active, published, refused, settle

SOURCE = re.compile(r"[Rr]eference|[Gg]uide|[Bb]otocore|[\w-]+#\d+")
STAGE = {"StageName": "$default"}


@pytest.fixture
def gateway(aws: StrictAws) -> Any:
    return aws.client("apigatewayv2")


@pytest.fixture
def api(gateway: Any) -> dict[str, str]:
    """An API with a stage."""
    made = {"ApiId": gateway.create_api(Name="a", ProtocolType="HTTP")["ApiId"]}
    gateway.create_stage(**made, **STAGE)
    return made


def authorizer(name: str) -> dict[str, Any]:
    return {
        "AuthorizerType": "JWT",
        "IdentitySource": ["$request.header.Authorization"],
        "JwtConfiguration": {"Issuer": "https://a.example/", "Audience": ["b"]},
        "Name": name,
    }


def test_every_rule_has_its_source(aws: StrictAws) -> None:
    """What AWS does is told by its documentation, botocore's models, or who has met it."""
    del aws  # its rules are loaded
    rules = {rule for known in (BEFORE, AFTER) for some in known.values() for rule in some}
    assert len(rules) > 40
    unfounded = [one.__name__ for one in rules if not SOURCE.search(inspect.getsource(one))]
    assert unfounded == []


def test_an_authorizers_name_is_unique(gateway: Any, api: dict[str, str]) -> None:
    """Within an API; one keeps its own name in an update."""
    first = gateway.create_authorizer(**api, **authorizer("a"))["AuthorizerId"]
    assert refused(gateway.create_authorizer, **api, **authorizer("a")) == "BadRequestException"
    other = gateway.create_authorizer(**api, **authorizer("b"))["AuthorizerId"]
    gateway.update_authorizer(**api, AuthorizerId=first, **authorizer("a"))
    renamed = {**api, "AuthorizerId": other, "Name": "a"}
    assert refused(gateway.update_authorizer, **renamed) == "BadRequestException"


def test_a_route_is_guarded_by_what_is_there(gateway: Any, api: dict[str, str]) -> None:
    """JWT wants an authorizer of the API, and keeps it from being deleted."""
    route = {**api, "RouteKey": "GET /a", "AuthorizationType": "JWT"}
    code = refused(gateway.create_route, **route, AuthorizerId="none")
    assert code == "BadRequestException"
    one = gateway.create_authorizer(**api, **authorizer("a"))["AuthorizerId"]
    made = gateway.create_route(**route, AuthorizerId=one, AuthorizationScopes=["read"])
    code = refused(gateway.delete_authorizer, **api, AuthorizerId=one)
    assert code == "ConflictException"
    gateway.update_route(**api, RouteId=made["RouteId"], AuthorizationScopes=[])
    assert not gateway.get_routes(**api)["Items"][0].get("AuthorizationScopes")
    gateway.delete_route(**api, RouteId=made["RouteId"])
    gateway.delete_authorizer(**api, AuthorizerId=one)


def test_a_route_key_stays_unique(gateway: Any, api: dict[str, str]) -> None:
    """An update can't take another route's; its own is no conflict."""
    first = gateway.create_route(**api, RouteKey="GET /a")["RouteId"]
    gateway.create_route(**api, RouteKey="GET /b")
    code = refused(gateway.update_route, **api, RouteId=first, RouteKey="GET /b")
    assert code == "ConflictException"
    gateway.update_route(**api, RouteId=first, RouteKey="GET /a")


def test_authorizers_come_in_pages(gateway: Any, api: dict[str, str]) -> None:
    """As all lists of the API do."""
    for name in "abc":
        gateway.create_authorizer(**api, **authorizer(name))
    first = gateway.get_authorizers(**api)
    assert len(first["Items"]) == 2
    second = gateway.get_authorizers(**api, NextToken=first["NextToken"])
    assert len({one["Name"] for one in (*first["Items"], *second["Items"])}) == 3


def test_a_routes_own_settings_can_be_removed(gateway: Any, api: dict[str, str]) -> None:
    """They stand in the stage; removing them twice is an error."""
    settings = {"GET /a": {"ThrottlingRateLimit": 1.0}}
    gateway.update_stage(**api, **STAGE, RouteSettings=settings)
    (stage,) = gateway.get_stages(**api)["Items"]
    assert stage["RouteSettings"] == settings
    gateway.delete_route_settings(**api, **STAGE, RouteKey="GET /a")
    assert gateway.get_stages(**api)["Items"][0].get("RouteSettings", {}) == {}
    code = refused(gateway.delete_route_settings, **api, **STAGE, RouteKey="GET /a")
    assert code == "NotFoundException"


def test_what_is_gone_cant_be_deleted(gateway: Any, api: dict[str, str]) -> None:
    """A second delete of anything in an API, or of the API, is told so."""
    for delete, name in (
        (gateway.delete_route, "RouteId"),
        (gateway.delete_integration, "IntegrationId"),
        (gateway.delete_authorizer, "AuthorizerId"),
        (gateway.delete_stage, "StageName"),
    ):
        assert refused(delete, **api, **{name: "none"}) == "NotFoundException", name
    gateway.delete_api(**api)
    assert refused(gateway.delete_api, **api) == "NotFoundException"


def test_nobody_imports_an_api(gateway: Any) -> None:
    """Moto lacks the call and says so: no test can pass because of it."""
    with pytest.raises(NotImplementedError, match="import_api"):
        gateway.import_api(Body='{"openapi": "3.0.1", "info": {"title": "t"}, "paths": {}}')


def test_an_account_tells_its_quota(aws: StrictAws) -> None:
    """What functions reserve isn't unreserved."""
    client = active(aws)
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=100)
    found = client.get_account_settings()
    assert found["AccountLimit"]["ConcurrentExecutions"] == 1000
    assert found["AccountLimit"]["UnreservedConcurrentExecutions"] == 900
    assert found["AccountUsage"]["FunctionCount"] == 1


def test_a_role_with_an_attached_policy_stays(aws: StrictAws) -> None:
    """DeleteRole API reference: detach what is attached first; an inline policy counts as well."""
    iam = aws.client("iam")
    document = (
        '{"Version":"2012-10-17","Statement":'
        '[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}]}'
    )
    policy = iam.create_policy(PolicyName="p", PolicyDocument=document)["Policy"]["Arn"]
    iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    iam.attach_role_policy(RoleName="r", PolicyArn=policy)
    assert refused(iam.delete_role, RoleName="r") == "DeleteConflict"
    iam.detach_role_policy(RoleName="r", PolicyArn=policy)
    iam.delete_role(RoleName="r")


def test_an_aliases_statement_isnt_the_functions(aws: StrictAws) -> None:
    """GetPolicy without a qualifier shows nothing of the alias's policy."""
    client = active(aws)
    client.create_alias(FunctionName="f", Name="live", FunctionVersion=published(client))
    client.add_permission(
        FunctionName="f", Qualifier="live", StatementId="s", Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )  # fmt: skip
    assert refused(client.get_policy, FunctionName="f") == "ResourceNotFoundException"


STALE: dict[str, dict[str, Any]] = {
    "UpdateFunctionCode": {"ImageUri": f"{URI}:two"},
    "UpdateFunctionConfiguration": {"Timeout": 9},
    "PublishVersion": {},
    "UpdateAlias": {"Name": "live", "Description": "x"},
    "AddPermission": {
        "StatementId": "t",
        "Action": "lambda:InvokeFunction",
        "Principal": "events.amazonaws.com",
    },
    "RemovePermission": {"StatementId": "s"},
}


@pytest.mark.parametrize("operation", STALE)
def test_a_stale_revision_is_refused_everywhere(operation: str, aws: StrictAws) -> None:
    """By every call that takes one, with 412; without one the call is made."""
    client = active(aws)
    client.create_alias(FunctionName="f", Name="live", FunctionVersion=published(client))
    client.add_permission(
        FunctionName="f", StatementId="s", Action="lambda:InvokeFunction", Principal="*"
    )
    settle(client)
    call = getattr(client, re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower())
    params = {"FunctionName": "f", **STALE[operation]}
    assert refused(call, **params, RevisionId="stale") == "PreconditionFailedException"
    call(**params)


def test_no_call_with_a_revision_is_forgotten() -> None:
    """Of botocore's lambda model, those that a kind of resource may make."""
    model = get_session().get_service_model("lambda")
    ours = {action.partition(":")[2] for kind in KINDS for action in actions_of(kind)}
    taking = {
        name
        for name in model.operation_names
        if (shape := model.operation_model(name).input_shape) and "RevisionId" in shape.members
    }
    assert set(STALE) == taking & ours


def test_a_configuration_is_handed_out_as_a_layer(aws: StrictAws) -> None:
    """By its digest, as a layer is; anything else is refused."""
    ecr = aws.client("ecr")
    ecr.create_repository(repositoryName="theirs")
    aws.put_image("theirs", "one", "one", {"a": "b"})
    (digest,) = aws.state.blobs
    found = ecr.get_download_url_for_layer(repositoryName="theirs", layerDigest=digest)
    assert found["downloadUrl"].endswith(digest)
    other = "sha256:" + "0" * 64
    code = refused(ecr.get_download_url_for_layer, repositoryName="theirs", layerDigest=other)
    assert code == "LayersNotFoundException"


def test_a_boundary_is_a_policy(aws: StrictAws) -> None:
    """A role's ARN isn't one."""
    iam = aws.client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    boundary = {"RoleName": "r", "PermissionsBoundary": "arn:aws:iam::123456789012:role/r"}
    assert refused(iam.put_role_permissions_boundary, **boundary) == "InvalidInput"


def test_lists_of_functions_tell_no_state(aws: StrictAws) -> None:
    """A list is no proof that a function is ready; the versions' list tells all."""
    client = active(aws)
    (listed,) = client.list_functions()["Functions"]
    assert not [key for key in listed if key.startswith(("State", "LastUpdateStatus"))]
    (version,) = client.list_versions_by_function(FunctionName="f")["Versions"]
    assert (version["State"], version["LastUpdateStatus"]) == ("Active", "Successful")
