"""The strict layer itself: each rule refuses what AWS refuses and lax moto accepts."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.strict.aws import REGION, Crash, StrictAws
from tests.strict.examples import REPOSITORY, URI, active, create, prepared, refused
from tests.strict.images import INDEX, manifest_of


@pytest.fixture
def lambda_(aws: StrictAws) -> Any:
    return prepared(aws)


@pytest.fixture
def ready(aws: StrictAws) -> Any:
    return active(aws)


def test_a_missing_image_is_refused(lambda_: Any) -> None:
    """CreateFunction looks at the image, by tag and by digest."""
    assert refused(create, lambda_, f"{URI}:none") == "InvalidParameterValueException"
    assert refused(create, lambda_, f"{URI}@sha256:00") == "InvalidParameterValueException"


def test_an_index_is_refused(lambda_: Any, aws: StrictAws) -> None:
    """A manifest list is no image for Lambda."""
    text, _ = manifest_of("index", INDEX)
    aws.client("ecr").put_image(
        repositoryName=REPOSITORY, imageManifest=text, imageManifestMediaType=INDEX, imageTag="x"
    )
    with pytest.raises(ClientError, match="media type"):
        create(lambda_, f"{URI}:x")


def test_a_fresh_role_cannot_be_assumed_yet(lambda_: Any, aws: StrictAws) -> None:
    """The first creations with a new role fail, then one succeeds."""
    aws.state.fresh_roles["r"] = 2
    assert refused(create, lambda_) == "InvalidParameterValueException"
    assert refused(create, lambda_) == "InvalidParameterValueException"
    create(lambda_)


def test_a_pending_function_refuses(lambda_: Any) -> None:
    """Publishing, updating and invoking want an active function."""
    create(lambda_)
    assert refused(lambda_.publish_version, FunctionName="f") == "ResourceConflictException"
    code = refused(lambda_.update_function_configuration, FunctionName="f", Timeout=5)
    assert code == "ResourceConflictException"
    assert lambda_.get_function_configuration(FunctionName="f")["State"] == "Pending"
    assert lambda_.get_function_configuration(FunctionName="f")["State"] == "Active"
    lambda_.publish_version(FunctionName="f")


def test_two_updates_in_a_row_are_refused(ready: Any) -> None:
    """Code and configuration can't be changed without a wait between."""
    ready.update_function_code(FunctionName="f", ImageUri=f"{URI}:two")
    code = refused(ready.update_function_configuration, FunctionName="f", Timeout=5)
    assert code == "ResourceConflictException"
    ready.get_function_configuration(FunctionName="f")
    ready.update_function_configuration(FunctionName="f", Timeout=5)


def test_a_stale_revision_is_refused(ready: Any) -> None:
    """A revision read before a change doesn't hold after it."""
    revision = ready.get_function_configuration(FunctionName="f")["RevisionId"]
    ready.update_function_configuration(FunctionName="f", Timeout=5, RevisionId=revision)
    ready.get_function_configuration(FunctionName="f")
    code = refused(ready.publish_version, FunctionName="f", RevisionId=revision)
    assert code == "PreconditionFailedException"


def test_a_published_version_keeps_its_image(ready: Any) -> None:
    """Version 1 reports the old image after the code has changed."""
    ready.publish_version(FunctionName="f")
    old = ready.get_function(FunctionName="f", Qualifier="1")["Code"]
    assert old["ResolvedImageUri"].startswith(f"{URI}@sha256:")
    ready.update_function_code(FunctionName="f", ImageUri=f"{URI}:two")
    ready.get_function_configuration(FunctionName="f")
    new = ready.get_function(FunctionName="f")["Code"]
    assert new["ResolvedImageUri"] != old["ResolvedImageUri"]
    assert ready.get_function(FunctionName="f", Qualifier="1")["Code"] == old


def test_settings_that_moto_forgets_are_kept(ready: Any) -> None:
    """Storage, command and log group are updated."""
    ready.update_function_configuration(
        FunctionName="f",
        EphemeralStorage={"Size": 1024},
        ImageConfig={"Command": ["a.b"]},
        LoggingConfig={"LogGroup": "/elsewhere"},
    )
    found = ready.get_function_configuration(FunctionName="f")
    assert found["EphemeralStorage"]["Size"] == 1024
    assert found["ImageConfigResponse"]["ImageConfig"]["Command"] == ["a.b"]
    assert found["LoggingConfig"]["LogGroup"] == "/elsewhere"


def permit(client: Any, **more: str) -> Any:
    return client.add_permission(
        FunctionName="f", StatementId="s", Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com", SourceArn="arn:aws:x", **more,
    )  # fmt: skip


def test_a_statement_id_is_taken_once(ready: Any) -> None:
    """AddPermission twice is a conflict, and each qualifier has a policy of its own."""
    permit(ready)
    assert refused(permit, ready) == "ResourceConflictException"
    ready.publish_version(FunctionName="f")
    ready.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    code = refused(ready.get_policy, FunctionName="f", Qualifier="live")
    assert code == "ResourceNotFoundException"
    permit(ready, Qualifier="live")
    policy = json.loads(ready.get_policy(FunctionName="f", Qualifier="live")["Policy"])
    assert [one["Sid"] for one in policy["Statement"]] == ["s"]


def test_a_version_that_an_alias_uses_stays(ready: Any) -> None:
    """Deleting it is refused; deleting the function takes all along."""
    ready.publish_version(FunctionName="f")
    ready.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    code = refused(ready.delete_function, FunctionName="f", Qualifier="1")
    assert code == "ResourceConflictException"
    ready.delete_function(FunctionName="f")


def test_gateway_conflicts(aws: StrictAws) -> None:
    """A route, a stage: once; an integration that is used stays; UpdateStage has effect."""
    gateway = aws.client("apigatewayv2")
    api = gateway.create_api(Name="a", ProtocolType="HTTP")["ApiId"]
    integration = gateway.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri="arn", PayloadFormatVersion="2.0"
    )["IntegrationId"]
    target = f"integrations/{integration}"
    gateway.create_route(ApiId=api, RouteKey="GET /a", Target=target)
    assert refused(gateway.create_route, ApiId=api, RouteKey="GET /a") == "ConflictException"
    code = refused(gateway.delete_integration, ApiId=api, IntegrationId=integration)
    assert code == "ConflictException"
    stage = {"ApiId": api, "StageName": "$default"}
    assert refused(gateway.update_stage, **stage, AutoDeploy=False) == "NotFoundException"
    gateway.create_stage(**stage, AutoDeploy=True)
    assert refused(gateway.create_stage, **stage) == "ConflictException"
    gateway.update_stage(**stage, AutoDeploy=False)
    assert gateway.get_stages(ApiId=api)["Items"][0]["AutoDeploy"] is False


def test_apis_come_in_pages(aws: StrictAws) -> None:
    """One call doesn't give them all."""
    gateway = aws.client("apigatewayv2")
    for name in "abc":
        gateway.create_api(Name=name, ProtocolType="HTTP")
    first = gateway.get_apis()
    assert len(first["Items"]) == 2
    assert len(gateway.get_apis(NextToken=first["NextToken"])["Items"]) == 1
    assert len(gateway.get_apis(MaxResults="1")["Items"]) == 1
    assert len(gateway.get_apis(MaxResults="50")["Items"]) == 3


def test_two_apis_may_have_one_name(aws: StrictAws) -> None:
    """Names aren't unique: only tags tell ours."""
    gateway = aws.client("apigatewayv2")
    made = {gateway.create_api(Name="a", ProtocolType="HTTP")["ApiId"] for _ in range(2)}
    assert len(made) == 2


def test_an_integration_says_its_payloads_version(aws: StrictAws) -> None:
    """HTTP APIs have no default for it."""
    gateway = aws.client("apigatewayv2")
    api = gateway.create_api(Name="a", ProtocolType="HTTP")["ApiId"]
    integration = {"ApiId": api, "IntegrationType": "AWS_PROXY", "IntegrationUri": "arn"}
    assert refused(gateway.create_integration, **integration) == "BadRequestException"


def test_a_repository_with_images_stays(aws: StrictAws, lambda_: Any) -> None:
    """DeleteRepository wants it empty, or force."""
    ecr = aws.client("ecr")
    code = refused(ecr.delete_repository, repositoryName=REPOSITORY)
    assert code == "RepositoryNotEmptyException"
    ecr.delete_repository(repositoryName=REPOSITORY, force=True)


def test_a_role_with_a_policy_stays(aws: StrictAws, lambda_: Any) -> None:
    """IAM wants it empty first."""
    iam = aws.client("iam")
    document = '{"Version":"2012-10-17","Statement":[]}'
    document = document.replace(
        "[]", '[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}]'
    )
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document)
    assert refused(iam.delete_role, RoleName="r") == "DeleteConflict"


def test_an_immutable_tag_stays(lambda_: Any, aws: StrictAws) -> None:
    """Another content under a tag that is taken is refused."""
    with pytest.raises(ClientError) as raised:
        aws.put_image(REPOSITORY, "one", "other")
    assert raised.value.response["Error"]["Code"] == "ImageTagAlreadyExistsException"


def test_nobody_answers_invoke_by_default(ready: Any) -> None:
    """Moto's echo would prove anything."""
    assert refused(ready.invoke, FunctionName="f") == "ServiceException"


def test_a_crash_is_no_exception(aws: StrictAws) -> None:
    """It passes `except Exception`, before the call or after it took effect."""
    aws.least.held = False  # the test is the program
    import boto3

    logs = boto3.client("logs", region_name=REGION)
    aws.crash_at(1, "before")
    with pytest.raises(Crash):
        logs.create_log_group(logGroupName="a")
    aws.crash_at(1, "after")
    with pytest.raises(Crash):
        logs.create_log_group(logGroupName="b")
    aws.crash_never()
    names = [one["logGroupName"] for one in logs.describe_log_groups()["logGroups"]]
    assert names == ["b"]
    assert not issubclass(Crash, Exception)
