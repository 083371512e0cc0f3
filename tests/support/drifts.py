"""What people change by hand, one thing at a time, in a deployment that has every kind."""

import json
from collections.abc import Callable
from typing import Any

from mldeploy.resources.base import Context
from tests.support.stacks import REGION

NAME = "mldeploy_iris_dev_predict"
ROLE = f"{NAME}_{REGION}"
REPOSITORY = "mldeploy/iris"
ALIAS_ARN = f"arn:aws:lambda:{REGION}:123456789012:function:{NAME}:live"
RULE_ARN = f"arn:aws:events:{REGION}:123456789012:rule/{NAME}"
Drift = Callable[[Context], Any]


def gateway(where: Context) -> Any:
    return where.clients.gateway


def api_id(where: Context) -> str:
    return str(gateway(where).get_apis()["Items"][0]["ApiId"])


def first(where: Context, what: str) -> dict[str, Any]:
    found = getattr(gateway(where), f"get_{what}")(ApiId=api_id(where))["Items"]
    return dict(found[0])


def unroute(where: Context) -> None:
    gateway(where).delete_route(ApiId=api_id(where), RouteId=first(where, "routes")["RouteId"])


def retarget(where: Context) -> None:
    """Point the integration at $LATEST instead of the alias."""
    integration = first(where, "integrations")
    uri = integration["IntegrationUri"].removesuffix(":live")
    gateway(where).update_integration(
        ApiId=api_id(where), IntegrationId=integration["IntegrationId"], IntegrationUri=uri
    )


def slow_integration(where: Context) -> None:
    gateway(where).update_integration(
        ApiId=api_id(where),
        IntegrationId=first(where, "integrations")["IntegrationId"],
        TimeoutInMillis=50,
    )


def lock_route(where: Context) -> None:
    gateway(where).update_route(
        ApiId=api_id(where),
        RouteId=first(where, "routes")["RouteId"],
        AuthorizationType="AWS_IAM",
    )


def rewiring(**settings: Any) -> Drift:
    """Change the integration."""

    def drift(where: Context) -> None:
        integration = first(where, "integrations")["IntegrationId"]
        gateway(where).update_integration(
            ApiId=api_id(where), IntegrationId=integration, **settings
        )

    return drift


def divert(where: Context) -> None:
    """Point the route at an integration of somebody else's."""
    other = gateway(where).create_integration(
        ApiId=api_id(where),
        IntegrationType="HTTP_PROXY",
        IntegrationMethod="POST",
        IntegrationUri="https://other.example/",
        PayloadFormatVersion="1.0",
    )
    gateway(where).update_route(
        ApiId=api_id(where),
        RouteId=first(where, "routes")["RouteId"],
        Target=f"integrations/{other['IntegrationId']}",
    )


def unroute_wholly(where: Context) -> None:
    """Delete the route and the integration behind it."""
    integration = first(where, "integrations")["IntegrationId"]
    unroute(where)
    gateway(where).delete_integration(ApiId=api_id(where), IntegrationId=integration)


def permitted_otherwise(**change: str) -> Drift:
    """Put another statement in the place of the gateway's."""

    def drift(where: Context) -> None:
        functions = where.clients.functions
        policy = json.loads(functions.get_policy(FunctionName=NAME, Qualifier="live")["Policy"])
        ours = (one for one in policy["Statement"] if one["Sid"].startswith("mldeploy-"))
        sid = next(ours)["Sid"]
        functions.remove_permission(FunctionName=NAME, Qualifier="live", StatementId=sid)
        whole = {
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": f"arn:aws:execute-api:{REGION}:123456789012:{api_id(where)}/*",
        }
        functions.add_permission(
            FunctionName=NAME, Qualifier="live", StatementId=sid, **{**whole, **change}
        )

    return drift


def stage_settings(where: Context, **settings: Any) -> None:
    gateway(where).update_stage(ApiId=api_id(where), StageName="$default", **settings)


def forbid(where: Context) -> None:
    functions = where.clients.functions
    policy = json.loads(functions.get_policy(FunctionName=NAME, Qualifier="live")["Policy"])
    for statement in policy["Statement"]:
        functions.remove_permission(
            FunctionName=NAME, Qualifier="live", StatementId=statement["Sid"]
        )


def stale_permission(where: Context) -> None:
    where.clients.functions.add_permission(
        FunctionName=NAME,
        Qualifier="live",
        StatementId="mldeploy-gone-12345678",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn="arn:aws:execute-api:eu-central-1:123456789012:gone/$default/POST/predict",
    )


def second_api(where: Context) -> None:
    tags = gateway(where).get_apis()["Items"][0]["Tags"]
    gateway(where).create_api(Name="mldeploy_iris_dev", ProtocolType="HTTP", Tags=tags)


def stray_integration(where: Context) -> None:
    gateway(where).create_integration(
        ApiId=api_id(where),
        IntegrationType="AWS_PROXY",
        IntegrationUri="arn:aws:lambda:eu-central-1:123456789012:function:other",
        PayloadFormatVersion="2.0",
    )


def stray_route(where: Context) -> None:
    gateway(where).create_route(
        ApiId=api_id(where), RouteKey="GET /admin", Target=first(where, "routes")["Target"]
    )


def reconfigured(**settings: Any) -> Drift:
    def drift(where: Context) -> None:
        where.clients.functions.update_function_configuration(FunctionName=NAME, **settings)

    return drift


def on_another_processor(where: Context) -> None:
    functions = where.clients.functions
    uri = functions.get_function(FunctionName=NAME)["Code"]["ResolvedImageUri"]
    functions.update_function_code(FunctionName=NAME, ImageUri=uri, Architectures=["arm64"])


def other_code(where: Context) -> None:
    uri = where.clients.ecr.describe_repositories()["repositories"][0]["repositoryUri"]
    where.builder.put_image(REPOSITORY, "b" * 32, "other")  # type: ignore[attr-defined]
    where.clients.functions.update_function_code(FunctionName=NAME, ImageUri=f"{uri}:{'b' * 32}")


def moved_alias(where: Context) -> None:
    functions = where.clients.functions
    functions.update_function_configuration(
        FunctionName=NAME, Environment={"Variables": {"MLDEPLOY_RELEASE": "other"}}
    )
    for _ in range(3):
        functions.get_function_configuration(FunctionName=NAME)
    number = functions.publish_version(FunctionName=NAME)["Version"]
    functions.update_alias(FunctionName=NAME, Name="live", FunctionVersion=number)


def alias_to_latest(where: Context) -> None:
    where.clients.functions.update_alias(FunctionName=NAME, Name="live", FunctionVersion="$LATEST")


def weighted_alias(where: Context) -> None:
    where.clients.functions.update_alias(
        FunctionName=NAME, Name="live", RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}}
    )


def forbid_rule(where: Context) -> None:
    where.clients.functions.remove_permission(
        FunctionName=NAME, Qualifier="live", StatementId="keep-warm-by-mldeploy"
    )


def permit_another_rule(where: Context) -> None:
    forbid_rule(where)
    where.clients.functions.add_permission(
        FunctionName=NAME,
        Qualifier="live",
        StatementId="keep-warm-by-mldeploy",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=f"{RULE_ARN}-other",
    )


def drop_rule(where: Context) -> None:
    """Take the rule away and leave the permission."""
    where.clients.events.remove_targets(Rule=NAME, Ids=["1", "2"])
    where.clients.events.delete_rule(Name=NAME)


def retarget_rule(where: Context, **target: Any) -> None:
    event = '{"mldeploy":"warmup","hold":0.2}'
    retry = {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}
    whole = {"Id": "1", "Arn": ALIAS_ARN, "Input": event, "RetryPolicy": retry, **target}
    where.clients.events.put_targets(Rule=NAME, Targets=[whole])


def reprovision(count: int) -> Drift:
    return lambda where: where.clients.functions.put_provisioned_concurrency_config(
        FunctionName=NAME, Qualifier="live", ProvisionedConcurrentExecutions=count
    )


OTHER_POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
)
OPEN_REPOSITORY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:*","Principal":"*"}]}'
)
OTHER_TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":"ec2.amazonaws.com"}}]}'
)
DRIFTS: list[tuple[str, str, Drift]] = [
    ("log group", "retention", lambda w: w.clients.logs.put_retention_policy(
        logGroupName=f"/aws/lambda/{NAME}", retentionInDays=1)),
    ("log group", "no retention", lambda w: w.clients.logs.delete_retention_policy(
        logGroupName=f"/aws/lambda/{NAME}")),
    ("log group", "tag", lambda w: w.clients.logs.tag_log_group(
        logGroupName=f"/aws/lambda/{NAME}", tags={"team": "weeds"})),
    ("log group", "tag gone", lambda w: w.clients.logs.untag_log_group(
        logGroupName=f"/aws/lambda/{NAME}", tags=["team"])),
    ("repository", "mutable tags", lambda w: w.clients.ecr.put_image_tag_mutability(
        repositoryName=REPOSITORY, imageTagMutability="MUTABLE")),
    ("repository", "some mutable tags", lambda w: w.clients.ecr.put_image_tag_mutability(
        repositoryName=REPOSITORY, imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "a*"}])),
    ("repository", "another policy", lambda w: w.clients.ecr.set_repository_policy(
        repositoryName=REPOSITORY, policyText=OPEN_REPOSITORY)),
    ("repository", "no scan", lambda w: w.clients.ecr.put_image_scanning_configuration(
        repositoryName=REPOSITORY, imageScanningConfiguration={"scanOnPush": False})),
    ("repository", "no policy", lambda w: w.clients.ecr.delete_repository_policy(
        repositoryName=REPOSITORY)),
    ("image", "gone", lambda w: w.clients.ecr.batch_delete_image(
        repositoryName=REPOSITORY, imageIds=[{"imageTag": "a" * 32}])),
    ("role", "policy", lambda w: w.clients.iam.put_role_policy(
        RoleName=ROLE, PolicyName="mldeploy",
        PolicyDocument=OTHER_POLICY)),
    ("role", "no policy", lambda w: w.clients.iam.delete_role_policy(
        RoleName=ROLE, PolicyName="mldeploy")),
    ("role", "trust", lambda w: w.clients.iam.update_assume_role_policy(
        RoleName=ROLE, PolicyDocument=OTHER_TRUST)),
    ("role", "boundary", lambda w: w.clients.iam.put_role_permissions_boundary(
        RoleName=ROLE, PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")),
    ("role", "tag", lambda w: w.clients.iam.tag_role(
        RoleName=ROLE, Tags=[{"Key": "team", "Value": "weeds"}])),
    ("role", "tag gone", lambda w: w.clients.iam.untag_role(RoleName=ROLE, TagKeys=["team"])),
    ("function", "role", reconfigured(Role=f"arn:aws:iam::123456789012:role/{ROLE}-other")),
    ("function", "architecture", on_another_processor),
    ("function", "memory", reconfigured(MemorySize=128)),
    ("function", "timeout", reconfigured(Timeout=3)),
    ("function", "storage", reconfigured(EphemeralStorage={"Size": 1024})),
    ("function", "environment", reconfigured(Environment={"Variables": {"A": "1"}})),
    ("function", "command", reconfigured(ImageConfig={"Command": ["other.handler"]})),
    ("function", "entry point", reconfigured(ImageConfig={
        "Command": ["endpoint.handler.handle"], "EntryPoint": ["/bin/sh"]})),
    ("function", "working directory", reconfigured(ImageConfig={
        "Command": ["endpoint.handler.handle"], "WorkingDirectory": "/tmp"})),
    ("function", "log format", reconfigured(LoggingConfig={
        "LogFormat": "JSON", "LogGroup": f"/aws/lambda/{NAME}"})),
    ("function", "log group", reconfigured(LoggingConfig={"LogGroup": "/elsewhere"})),
    ("function", "code", other_code),
    ("function", "tag", lambda w: w.clients.functions.tag_resource(
        Resource=f"arn:aws:lambda:{REGION}:123456789012:function:{NAME}",
        Tags={"team": "weeds"})),
    ("function", "tag gone", lambda w: w.clients.functions.untag_resource(
        Resource=f"arn:aws:lambda:{REGION}:123456789012:function:{NAME}", TagKeys=["team"])),
    ("function", "reserved", lambda w: w.clients.functions.put_function_concurrency(
        FunctionName=NAME, ReservedConcurrentExecutions=3)),
    ("function", "nothing reserved", lambda w: w.clients.functions.delete_function_concurrency(
        FunctionName=NAME)),
    ("alias", "moved", moved_alias),
    ("alias", "to $LATEST", alias_to_latest),
    ("alias", "weights", weighted_alias),
    ("http api", "renamed", lambda w: gateway(w).update_api(ApiId=api_id(w), Name="other")),
    ("http api", "endpoint disabled", lambda w: gateway(w).update_api(
        ApiId=api_id(w), DisableExecuteApiEndpoint=True)),
    ("http api", "route and integration gone", unroute_wholly),
    ("http api", "route elsewhere", divert),
    ("http api", "payload", rewiring(PayloadFormatVersion="1.0")),
    ("http api", "requests rewritten", rewiring(
        RequestParameters={"overwrite:path": "/other"})),
    ("http api", "answers rewritten", rewiring(
        ResponseParameters={"200": {"overwrite:statuscode": "404"}})),
    ("http api", "called as somebody else", rewiring(
        CredentialsArn="arn:aws:iam::123456789012:role/other")),
    ("http api", "permission for everybody", permitted_otherwise(Principal="*")),
    ("http api", "permission for all routes", permitted_otherwise()),
    ("http api", "a route's own throttling", lambda w: stage_settings(
        w, RouteSettings={"POST /predict": {"ThrottlingRateLimit": 0.0}})),
    ("http api", "route gone", unroute),
    ("http api", "route locked", lock_route),
    ("http api", "integration to $LATEST", retarget),
    ("http api", "integration timeout", slow_integration),
    ("http api", "throttling", lambda w: stage_settings(
        w, DefaultRouteSettings={"ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 1})),
    ("http api", "no automatic deployment", lambda w: stage_settings(w, AutoDeploy=False)),
    ("http api", "stage gone", lambda w: gateway(w).delete_stage(
        ApiId=api_id(w), StageName="$default")),
    ("http api", "permission gone", forbid),
    ("http api", "stale permission", stale_permission),
    ("http api", "second api", second_api),
    ("http api", "stray integration", stray_integration),
    ("http api", "stray route", stray_route),
    ("http api", "cors", lambda w: gateway(w).update_api(
        ApiId=api_id(w), CorsConfiguration={"AllowOrigins": ["*"]})),
    ("http api", "tag gone", lambda w: gateway(w).untag_resource(
        ResourceArn=f"arn:aws:apigateway:{REGION}::/apis/{api_id(w)}", TagKeys=["team"])),
    ("http api", "tag", lambda w: gateway(w).tag_resource(
        ResourceArn=f"arn:aws:apigateway:{REGION}::/apis/{api_id(w)}",
        Tags={"team": "weeds"})),
    ("provisioned concurrency", "more", reprovision(3)),
    ("provisioned concurrency", "gone",
        lambda w: w.clients.functions.delete_provisioned_concurrency_config(
            FunctionName=NAME, Qualifier="live")),
    ("schedule", "rate", lambda w: w.clients.events.put_rule(
        Name=NAME, ScheduleExpression="rate(1 minute)")),
    ("schedule", "disabled", lambda w: w.clients.events.disable_rule(Name=NAME)),
    ("schedule", "pattern", lambda w: w.clients.events.put_rule(
        Name=NAME, ScheduleExpression="rate(5 minutes)", EventPattern='{"source": ["x"]}')),
    ("schedule", "permission gone", forbid_rule),
    ("schedule", "permission for another rule", permit_another_rule),
    ("schedule", "rule gone", drop_rule),
    ("schedule", "target gone", lambda w: w.clients.events.remove_targets(
        Rule=NAME, Ids=["2"])),
    ("schedule", "target to $LATEST", lambda w: retarget_rule(
        w, Arn=ALIAS_ARN.removesuffix(":live"))),
    ("schedule", "other event", lambda w: retarget_rule(w, Input="{}")),
    ("schedule", "retries", lambda w: retarget_rule(w, RetryPolicy={})),
    ("schedule", "one more target", lambda w: retarget_rule(w, Id="mine")),
    ("schedule", "tag", lambda w: w.clients.events.tag_resource(
        ResourceARN=RULE_ARN, Tags=[{"Key": "team", "Value": "weeds"}])),
]  # fmt: skip
