"""What mldeploy does about settings that AWS has and that no kind writes: one entry for each.

A pattern is an operation, or a parameter of an operation that a kind calls. A new version of
botocore that knows another one turns the contract red until somebody decides.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Seen:
    """A plan shows it and a deploy undoes it: a drift of `tests/support/drifts.py`."""

    kind: str
    drift: str


@dataclass(frozen=True)
class Kept:
    """It is others' and stays: an entry of `tests/support/left_alone.py`."""

    kind: str
    name: str


@dataclass(frozen=True)
class Apart:
    """No kind reads it or calls the operation, so it stays; of operations alone."""

    why: str


@dataclass(frozen=True)
class Moot:
    """It is no setting of a resource that mldeploy made."""

    why: str


Decision = Seen | Kept | Apart | Moot

REQUEST = Moot("of the request: whose account, a lock, a check, another way to say the same")
WEB_SOCKETS = Moot("of WebSocket APIs alone (API Gateway V2 API reference)")
ZIPS = Moot("of functions that are no images (Lambda API reference)")
ONCE = Moot("decided when it is made, and never again")
QUICK = Moot("of quick create, which makes a route and an integration: both are compared")
CUSTOM = Moot("of authorizers that are functions; a route with one is a drift: its type")
PRIVATE = Moot("of private integrations; their target is a drift: IntegrationUri")
STATEMENT = Seen("schedule", "permission for another rule")
PEOPLE = "descriptions are for people"
OTHER_TARGETS = Moot("of targets that are no functions (EventBridge API reference, Target)")
ACCOUNTS = Apart("the account's rules for all its logs")

DECIDED: dict[str, Decision] = {
    "*.registryId": REQUEST,
    "*.RevisionId": REQUEST,
    # Log groups.
    "logs:PutMetricFilter": Kept("log group", "a metric filter"),
    "logs:PutSubscriptionFilter": Apart("log shippers set them on every group"),
    "logs:AssociateKmsKey": Apart("encryption is the account's to rule"),
    "logs:CreateLogGroup.kmsKeyId": ONCE,
    "logs:CreateLogGroup.logGroupClass": ONCE,
    "logs:CreateLogGroup.deletionProtectionEnabled": ONCE,
    "logs:PutLogGroupDeletionProtection": Apart("destroy then fails with AWS's own reason"),
    "logs:PutDataProtectionPolicy": ACCOUNTS,
    "logs:PutIndexPolicy": ACCOUNTS,
    "logs:PutTransformer": ACCOUNTS,
    "logs:PutBearerTokenAuthentication": ACCOUNTS,
    "logs:PutSyslogConfiguration": ACCOUNTS,
    "logs:CreateExportTask": Moot("a copy of the contents"),
    "logs:CreateLogStream": Moot("contents"),
    "logs:PutLogEvents": Moot("contents"),
    "logs:TagLogGroup": Moot("TagResource's older name"),
    # The repository and its images.
    "ecr:*.imageTagMutabilityExclusionFilters": Seen("repository", "some mutable tags"),
    "ecr:CreateRepository.encryptionConfiguration": ONCE,
    "ecr:PutLifecyclePolicy": Seen("repository", "a lifecycle policy"),
    "ecr:SetRepositoryPolicy.force": REQUEST,
    "ecr:*Layer*": Moot("contents"),
    "ecr:PutImage": Moot("contents"),
    "ecr:UpdateImageStorageClass": Apart("Lambda keeps a copy of what it runs"),
    # Roles.
    "iam:UpdateRole": Kept("role", "longer sessions"),
    "iam:CreateRole.MaxSessionDuration": Kept("role", "longer sessions"),
    "iam:UpdateRoleDescription": Kept("role", "longer sessions"),
    "iam:CreateRole.Path": ONCE,
    "iam:AddRoleToInstanceProfile": Apart("the trust policy, which is compared, lets in Lambda"),
    # Functions, versions and aliases.
    "lambda:CreateFunctionUrlConfig": Seen("function", "public URL"),
    "lambda:UpdateFunctionUrlConfig": Seen("function", "public URL"),
    "lambda:*FunctionEventInvokeConfig": Seen("function", "results copied elsewhere"),
    "lambda:*EventSourceMapping": Apart("the role, which is compared, may read no source"),
    "lambda:PutFunctionRecursionConfig": Apart("whether Lambda stops loops is the account's"),
    "lambda:PutFunctionScalingConfig": Moot("of functions with a capacity provider: MLD425"),
    "lambda:*.CapacityProviderConfig": Moot("versions with one can't be invoked: MLD425"),
    "lambda:PutFunctionCodeSigningConfig": ZIPS,
    "lambda:PutRuntimeManagementConfig": ZIPS,
    **dict.fromkeys(
        (
            *("lambda:*.CodeSigningConfigArn", "lambda:*.Handler", "lambda:*.Layers"),
            *("lambda:*.Runtime", "lambda:*.RuntimeConfig", "lambda:*.S3*", "lambda:*.ZipFile"),
            *("lambda:*.SourceKMSKeyArn",),
        ),
        ZIPS,
    ),
    "lambda:*.AcceleratorConfig": Moot("of functions with a capacity provider: MLD425"),
    "lambda:CreateFunction.DurableConfig": ONCE,
    "lambda:UpdateFunctionConfiguration.DurableConfig": Moot("of functions made durable"),
    "lambda:CreateFunction.TenancyConfig": ONCE,
    "lambda:*.KMSKeyArn": Kept("function", "a key of the function"),
    "lambda:UpdateFunctionConfiguration.Description": Kept("function", "descriptions"),
    "lambda:*.VpcConfig": Seen("function", "vpc"),
    "lambda:*.VpcConfig.Ipv6AllowedForDualStack": Moot("of `vpc`, which is written as a whole"),
    "lambda:*.DeadLetterConfig": Seen("function", "dead-letter queue"),
    "lambda:*.TracingConfig": Seen("function", "tracing"),
    "lambda:*.FileSystemConfigs*": Seen("function", "file system"),
    "lambda:*.SnapStart": Seen("function", "snapshots"),
    "lambda:*.ImageConfig.EntryPoint": Seen("function", "entry point"),
    "lambda:*.ImageConfig.WorkingDirectory": Seen("function", "working directory"),
    "lambda:*.LoggingConfig.*LogLevel": Seen("function", "log format"),
    "lambda:*.Publish": REQUEST,
    "lambda:*.PublishTo": REQUEST,
    "lambda:*.DryRun": REQUEST,
    "lambda:*.CodeSha256": REQUEST,
    "lambda:CreateAlias.RoutingConfig": Seen("alias", "weights"),
    "lambda:AddPermission.*": STATEMENT,
    # The HTTP API.
    "apigatewayv2:*.IpAddressType": Moot("by which addresses it is found, and not by whom"),
    "apigatewayv2:*Api.Version": Kept("http api", "a description and a version"),
    "apigatewayv2:*Api.Description": Kept("http api", "a description and a version"),
    "apigatewayv2:CreateApi.DisableExecuteApiEndpoint": Seen("http api", "endpoint disabled"),
    "apigatewayv2:*ApiMapping": Apart("custom domains are the account's"),
    "apigatewayv2:*Deployment": Moot("the stage deploys by itself, which is compared"),
    "apigatewayv2:*Stage.DeploymentId": Moot("the stage deploys by itself, which is compared"),
    "apigatewayv2:ReimportApi": Moot("it writes the parts, which are compared"),
    "apigatewayv2:ExportApi": Moot("a read"),
    "apigatewayv2:ResetAuthorizersCache": Moot("no setting"),
    **dict.fromkeys(
        ("apigatewayv2:*Api.CredentialsArn", "apigatewayv2:*Api.RouteKey"),
        QUICK,
    ),
    "apigatewayv2:*Api.Target": QUICK,
    **dict.fromkeys(
        (
            *("apigatewayv2:*Model", "apigatewayv2:*RouteResponse"),
            *("apigatewayv2:*IntegrationResponse", "apigatewayv2:*.*SelectionExpression"),
            *("apigatewayv2:*.DisableSchemaValidation", "apigatewayv2:*Route.ApiKeyRequired"),
            *("apigatewayv2:*Route.RequestModels", "apigatewayv2:*Route.RequestParameters"),
            *("apigatewayv2:*.ContentHandlingStrategy", "apigatewayv2:*.PassthroughBehavior"),
            *("apigatewayv2:*.RequestTemplates", "apigatewayv2:*.ClientCertificateId"),
            *("apigatewayv2:*.DataTraceEnabled", "apigatewayv2:*.LoggingLevel"),
        ),
        WEB_SOCKETS,
    ),
    "apigatewayv2:*Authorizer.*": CUSTOM,
    "apigatewayv2:*Integration.Connection*": PRIVATE,
    "apigatewayv2:*Integration.TlsConfig": PRIVATE,
    "apigatewayv2:*Integration.CredentialsArn": Seen("http api", "called as somebody else"),
    "apigatewayv2:*Integration.RequestParameters": Seen("http api", "requests rewritten"),
    "apigatewayv2:*Integration.ResponseParameters": Seen("http api", "answers rewritten"),
    "apigatewayv2:*Integration.Description": Moot("for people; a repair may replace the whole"),
    "apigatewayv2:*Integration.IntegrationMethod": Moot("POST, for functions (developer guide)"),
    "apigatewayv2:*Integration.IntegrationSubtype": Moot("with one there is no IntegrationUri"),
    "apigatewayv2:UpdateIntegration.Integration*": Seen("http api", "integration to $LATEST"),
    "apigatewayv2:CreateRoute.AuthorizationScopes": Seen("http api", "scopes"),
    "apigatewayv2:*Route.OperationName": Kept("http api", "a name of the operation"),
    "apigatewayv2:*Stage.AccessLogSettings": Kept("http api", "an access log"),
    "apigatewayv2:*.DetailedMetricsEnabled": Kept("http api", "metrics of each route"),
    "apigatewayv2:*Stage.Description": Kept("http api", "a description of the stage"),
    "apigatewayv2:*Stage.RouteSettings": Seen("http api", "a route's own throttling"),
    "apigatewayv2:*Stage.StageVariables": Kept("http api", "variables of the stage"),
    # State machines.
    "stepfunctions:*.loggingConfiguration": Kept("state machine", "logs and traces"),
    "stepfunctions:*.tracingConfiguration": Kept("state machine", "logs and traces"),
    "stepfunctions:*.encryptionConfiguration": Kept("state machine", "a key"),
    "stepfunctions:*.publish": REQUEST,
    "stepfunctions:*.versionDescription": REQUEST,
    "stepfunctions:PublishStateMachineVersion": Moot("jobs start what isn't a version"),
    # Rules.
    "events:DisableRule": Seen("schedule", "disabled"),
    "events:EnableRule": Moot("DisableRule undone"),
    "events:PutRule.EventPattern": Seen("schedule", "pattern"),
    "events:PutRule.RoleArn": OTHER_TARGETS,
    "events:*.EventBusName": Moot("schedules are of the default bus (user guide)"),
    "events:PutTargets.Targets.Input*": Seen("schedule", "other event"),
    "events:PutTargets.Targets.*Parameters": OTHER_TARGETS,
    "events:PutTargets.Targets.RoleArn": OTHER_TARGETS,
    "events:PutTargets.Targets.DeadLetterConfig": Moot("of the target, which is put as a whole"),
    **dict.fromkeys(
        (
            *("events:*EventSource", "events:*ApiDestination", "events:*Connection"),
            *("events:*Endpoint", "events:*EventBus"),
        ),
        Moot("a resource of its own, with a name of its own"),
    ),
}


DECIDED |= {
    "cloudwatch:PutMetricAlarm.*Actions": Kept("alarm", "whom it calls"),
    "cloudwatch:PutMetricAlarm.ActionsEnabled": Kept("alarm", "whom it calls"),
    "cloudwatch:PutMetricAlarm.AlarmDescription": Kept("alarm", "whom it calls"),
    "cloudwatch:PutMetricAlarm.*": Moot("of other kinds of alarms"),
    "cloudwatch:*Alarm*": Moot("another alarm, or its state"),
}
"""Of the kind in `alarm.py`."""


def decision_of(name: str) -> Decision | None:
    """Return what is decided about a setting: the first pattern says it."""
    return next((one for key, one in DECIDED.items() if fnmatchcase(name, key)), None)
