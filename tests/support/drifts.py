"""What people change by hand, one thing at a time, in a deployment that has every kind."""

import json
from typing import Any

from mldeploy.resources.base import Context
from tests.support.api_drifts import API_DRIFTS, NAME, Drift
from tests.support.stacks import REGION

ROLE = f"{NAME}_{REGION}"
REPOSITORY = "mldeploy/iris"
ALIAS_ARN = f"arn:aws:lambda:{REGION}:123456789012:function:{NAME}:live"
OUR_TAGS = ["mldeploy:project", "mldeploy:stage"]
BATCH = f"{NAME}-batch"
MACHINE = f"arn:aws:states:{REGION}:123456789012:stateMachine:{BATCH}"
RULE_ARN = f"arn:aws:events:{REGION}:123456789012:rule/{NAME}"


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
    functions.get_waiter("function_updated_v2").wait(FunctionName=NAME)
    number = functions.publish_version(FunctionName=NAME)["Version"]
    functions.update_alias(FunctionName=NAME, Name="live", FunctionVersion=number)


def published_by_hand(where: Context) -> None:
    """Publish other settings under the same release's id, move the alias, and put them back."""
    functions = where.clients.functions
    kept = functions.get_function_configuration(FunctionName=NAME)["MemorySize"]
    for memory in (128, kept):
        functions.update_function_configuration(FunctionName=NAME, MemorySize=memory)
        functions.get_waiter("function_updated_v2").wait(FunctionName=NAME)
        if memory != kept:
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


OTHER_STATES = '{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}'
BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"
MANAGED = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"
EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


def attach_everything(where: Context) -> None:
    """Attach AWS's own policy of that name, as far as moto has it."""
    where.clients.iam.attach_role_policy(
        RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )


def asynchronous(**settings: Any) -> Drift:
    return lambda where: _aliased(where, settings).put_function_event_invoke_config(
        FunctionName=NAME, **settings
    )


def _aliased(where: Context, settings: dict[str, Any]) -> Any:
    """Return Lambda's client; an alias that is named is made where a test has none."""
    functions = where.clients.functions
    known = functions.list_aliases(FunctionName=NAME)["Aliases"]
    name = settings.get("Qualifier")
    if name and not name.isdigit() and name not in {one["Name"] for one in known}:
        functions.create_alias(FunctionName=NAME, Name=name, FunctionVersion="$LATEST")
    return functions


def permitted(**statement: str) -> Drift:
    """Let somebody invoke the function, or what a qualifier names."""
    whole = {"StatementId": "mine", "Action": "lambda:InvokeFunction", **statement}
    return lambda where: _aliased(where, statement).add_permission(FunctionName=NAME, **whole)


def public_url(**qualifier: str) -> Drift:
    """Make a URL as the console does: with the statements that let everybody in."""

    def drift(where: Context) -> None:
        functions, which = _aliased(where, qualifier), {"FunctionName": NAME, **qualifier}
        functions.create_function_url_config(**which, AuthType="NONE")
        for sid, action in (
            ("FunctionURLAllowPublicAccess", "lambda:InvokeFunctionUrl"),
            ("FunctionURLAllowInvokeAction", "lambda:InvokeFunction"),
        ):
            functions.add_permission(**which, StatementId=sid, Action=action, Principal="*")

    return drift


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


def add_statement(where: Context, **statement: Any) -> None:
    """Add a statement to the repository's policy, beside ours."""
    ecr = where.clients.ecr
    policy = json.loads(ecr.get_repository_policy(repositoryName=REPOSITORY)["policyText"])
    whole = {"Sid": "mine", "Effect": "Allow", "Action": ["ecr:BatchGetImage"], **statement}
    policy["Statement"].append(whole)
    ecr.set_repository_policy(repositoryName=REPOSITORY, policyText=json.dumps(policy))


def expiring(*images: str) -> str:
    """Return a lifecycle policy that deletes all but one of these images: untagged, any."""
    rules = [
        {
            "rulePriority": number,
            "selection": {"tagStatus": one, "countType": "imageCountMoreThan", "countNumber": 1},
            "action": {"type": "expire"},
        }
        for number, one in enumerate(images, start=1)
    ]
    return json.dumps({"rules": rules})


DRIFTS: list[tuple[str, str, Drift]] = [
    ("log group", "retention", lambda w: w.clients.logs.put_retention_policy(
        logGroupName=f"/aws/lambda/{NAME}", retentionInDays=1)),
    ("log group", "no retention", lambda w: w.clients.logs.delete_retention_policy(
        logGroupName=f"/aws/lambda/{NAME}")),
    ("log group", "tag", lambda w: w.clients.logs.tag_log_group(
        logGroupName=f"/aws/lambda/{NAME}", tags={"team": "weeds"})),
    ("log group", "time to live", lambda w: w.clients.logs.tag_log_group(
        logGroupName=f"/aws/lambda/{NAME}", tags={"mldeploy:ttl": "1h"})),
    ("log group", "tag gone", lambda w: w.clients.logs.untag_log_group(
        logGroupName=f"/aws/lambda/{NAME}", tags=["team"])),
    ("repository", "mutable tags", lambda w: w.clients.ecr.put_image_tag_mutability(
        repositoryName=REPOSITORY, imageTagMutability="MUTABLE")),
    ("repository", "some mutable tags", lambda w: w.clients.ecr.put_image_tag_mutability(
        repositoryName=REPOSITORY, imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "a*"}])),
    ("repository", "another policy", lambda w: w.clients.ecr.set_repository_policy(
        repositoryName=REPOSITORY, policyText=OPEN_REPOSITORY)),
    ("repository", "our tag gone", lambda w: w.clients.ecr.untag_resource(
        resourceArn=f"arn:aws:ecr:{REGION}:123456789012:repository/{REPOSITORY}",
        tagKeys=OUR_TAGS[:1])),
    ("repository", "no scan", lambda w: w.clients.ecr.put_image_scanning_configuration(
        repositoryName=REPOSITORY, imageScanningConfiguration={"scanOnPush": False})),
    ("repository", "a statement for everybody", lambda w: add_statement(w, Principal="*")),
    ("repository", "a lifecycle policy", lambda w: w.clients.ecr.put_lifecycle_policy(
        repositoryName=REPOSITORY, lifecyclePolicyText=expiring("any"))),
    ("repository", "a lifecycle rule beside others", lambda w: w.clients.ecr.put_lifecycle_policy(
        repositoryName=REPOSITORY, lifecyclePolicyText=expiring("untagged", "any"))),
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
    ("role", "our tags gone", lambda w: w.clients.iam.untag_role(
        RoleName=ROLE, TagKeys=OUR_TAGS)),
    ("role", "tag", lambda w: w.clients.iam.tag_role(
        RoleName=ROLE, Tags=[{"Key": "team", "Value": "weeds"}])),
    ("role", "tag gone", lambda w: w.clients.iam.untag_role(RoleName=ROLE, TagKeys=["team"])),
    ("role", "AdministratorAccess", attach_everything),
    ("role", "a second inline policy", lambda w: w.clients.iam.put_role_policy(
        RoleName=ROLE, PolicyName="mine", PolicyDocument=EVERYTHING)),
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
        "Command": ["endpoint.handler.handle"], "WorkingDirectory": "/var"})),
    ("function", "log format", reconfigured(LoggingConfig={
        "LogFormat": "JSON", "LogGroup": f"/aws/lambda/{NAME}"})),
    ("function", "log group", reconfigured(LoggingConfig={"LogGroup": "/elsewhere"})),
    ("function", "code", other_code),
    ("function", "our tags gone", lambda w: w.clients.functions.untag_resource(
        Resource=f"arn:aws:lambda:{REGION}:123456789012:function:{NAME}", TagKeys=OUR_TAGS)),
    ("function", "tag", lambda w: w.clients.functions.tag_resource(
        Resource=f"arn:aws:lambda:{REGION}:123456789012:function:{NAME}",
        Tags={"team": "weeds"})),
    ("function", "tag gone", lambda w: w.clients.functions.untag_resource(
        Resource=f"arn:aws:lambda:{REGION}:123456789012:function:{NAME}", TagKeys=["team"])),
    ("function", "vpc", reconfigured(VpcConfig={
        "SubnetIds": ["subnet-01234567"], "SecurityGroupIds": ["sg-01234567"]})),
    ("function", "dead-letter queue", reconfigured(DeadLetterConfig={
        "TargetArn": f"arn:aws:sqs:{REGION}:123456789012:failed"})),
    ("function", "tracing", reconfigured(TracingConfig={"Mode": "Active"})),
    ("function", "file system", reconfigured(FileSystemConfigs=[{
        "Arn": f"arn:aws:elasticfilesystem:{REGION}:123456789012:access-point/fsap-"
        "0123456789abcdef0", "LocalMountPath": "/mnt/all"}])),
    ("function", "snapshots", reconfigured(SnapStart={"ApplyOn": "PublishedVersions"})),
    ("function", "retries of asynchronous invocations", asynchronous(MaximumRetryAttempts=0)),
    ("function", "results copied elsewhere", asynchronous(
        Qualifier="live", DestinationConfig={"OnSuccess": {
            "Destination": f"arn:aws:sqs:{REGION}:999999999999:theirs"}})),
    ("function", "public URL", public_url()),
    ("function", "public URL of the alias", public_url(Qualifier="live")),
    ("function", "URL without a permission", lambda w: w.clients.functions.
        create_function_url_config(FunctionName=NAME, AuthType="NONE")),
    ("function", "everybody may invoke it", permitted(Principal="*")),
    ("function", "everybody may invoke the alias", permitted(Principal="*", Qualifier="live")),
    ("function", "another account may invoke the alias", permitted(
        Principal="999999999999", Qualifier="live")),
    ("function", "a bucket may invoke it", permitted(
        Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::a-bucket")),
    ("function", "everybody may invoke another alias", permitted(
        Principal="*", Qualifier="side")),
    ("function", "a permission of $LATEST with an id like ours", permitted(
        Principal="*", StatementId="mldeploy-abc-01234567")),
    ("function", "reserved", lambda w: w.clients.functions.put_function_concurrency(
        FunctionName=NAME, ReservedConcurrentExecutions=3)),
    ("function", "nothing reserved", lambda w: w.clients.functions.delete_function_concurrency(
        FunctionName=NAME)),
    ("alias", "moved", moved_alias),
    ("alias", "to $LATEST", alias_to_latest),
    ("alias", "weights", weighted_alias),
    ("provisioned concurrency", "more", reprovision(3)),
    ("provisioned concurrency", "gone",
        lambda w: w.clients.functions.delete_provisioned_concurrency_config(
            FunctionName=NAME, Qualifier="live")),
    ("state machine", "definition", lambda w: w.clients.client("stepfunctions").
        update_state_machine(stateMachineArn=MACHINE, definition=OTHER_STATES)),
    ("state machine", "role", lambda w: w.clients.client("stepfunctions").
        update_state_machine(
            stateMachineArn=MACHINE, roleArn="arn:aws:iam::123456789012:role/theirs")),
    ("state machine", "tag", lambda w: w.clients.client("stepfunctions").tag_resource(
        resourceArn=MACHINE, tags=[{"key": "team", "value": "weeds"}])),
    ("state machine", "tag gone", lambda w: w.clients.client("stepfunctions").untag_resource(
        resourceArn=MACHINE, tagKeys=["team"])),
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
    ("schedule", "our tags gone", lambda w: w.clients.events.untag_resource(
        ResourceARN=RULE_ARN, TagKeys=OUR_TAGS)),
    ("schedule", "tag", lambda w: w.clients.events.tag_resource(
        ResourceARN=RULE_ARN, Tags=[{"Key": "team", "Value": "weeds"}])),
    *API_DRIFTS,
]  # fmt: skip
ROLE_DRIFTS: list[tuple[str, str, Drift]] = [
    ("role", "no boundary", lambda w: w.clients.iam.delete_role_permissions_boundary(
        RoleName=ROLE)),
    ("role", "a managed policy of the file's detached", lambda w: w.clients.iam.detach_role_policy(
        RoleName=ROLE, PolicyArn=MANAGED)),
]  # fmt: skip
"""Of roles with a boundary and a managed policy of the file's."""

VERSION_DRIFTS: list[tuple[str, str, Drift]] = [
    ("alias", "to a version published by hand", published_by_hand),
]
"""What takes a new version to repair."""
WIDENS, ENDANGERS = "widens access", "endangers the release"
RISKS: dict[tuple[str, str], str] = {
    **{("role", name): WIDENS for name in (
        "policy", "trust", "AdministratorAccess", "a second inline policy", "no boundary")},
    **{("function", name): WIDENS for name in (
        "file system", "public URL", "public URL of the alias", "URL without a permission",
        "everybody may invoke it", "everybody may invoke the alias",
        "another account may invoke the alias", "a bucket may invoke it",
        "everybody may invoke another alias", "a permission of $LATEST with an id like ours")},
    **{("function", name): ENDANGERS for name in ("vpc", "snapshots")},
    ("repository", "another policy"): WIDENS,
    ("repository", "a statement for everybody"): WIDENS,
    **{("repository", name): ENDANGERS for name in (
        "a lifecycle policy", "a lifecycle rule beside others", "mutable tags",
        "some mutable tags")},
    ("alias", "to a version published by hand"): ENDANGERS,
    **{("http api", name): WIDENS for name in (
        "another stage", "cors", "another issuer", "another audience", "tokens from elsewhere",
        "route open", "route open and another issuer", "cookies", "methods", "headers")},
    **{("http api", name): ENDANGERS for name in (
        "endpoint disabled", "route elsewhere", "integration to $LATEST", "requests rewritten",
        "answers rewritten", "called as somebody else")},
}  # fmt: skip
"""What the plan says that a change by hand means; of all others nothing."""
