"""AWS's quotas and limits, each with its source.

"botocore x: Y" is the shape or the documentation of Y in botocore's model of the service x.
"""

INTEGER = 2**31 - 1
"""The largest value of a field that botocore's models call an integer."""

# Lambda

MEMORY = (128, 10_240)
"""MB (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; botocore's maximum
of 32,768 is wider than what the service accepts)."""
TIMEOUT = (1, 900)
"""Seconds (the same page; botocore's maximum of 5,400 is wider, too)."""
EPHEMERAL_STORAGE = (512, 10_240)
"""MB of /tmp (the same page)."""
ENVIRONMENT_BYTES = 4096
"""Bytes of a function's variables as compact JSON (the same page)."""
PAYLOAD_BYTES = 6_291_556
"""Bytes of a synchronous invocation's event, and of its response: 6 MB and 100 bytes, according to
Lambda's message ("Response payload size exceeded maximum allowed payload size")."""
IMAGE_BYTES = 10_000_000_000
"""The same page, "Container image code package size": uncompressed, including all layers."""
CONCURRENCY = 1_000
"""Default concurrent executions per account and region (the same page)."""
ONE_PROCESSOR = 1_769
"""MB with one full vCPU (Lambda developer guide, "Configure Lambda function memory")."""
HANDLER_LENGTH = 128
"""Characters (botocore lambda: Handler)."""
FUNCTION_NAME_LENGTH = 64
"""Characters (botocore lambda: CreateFunction, "limited to 64 characters")."""
SUBNETS, SECURITY_GROUPS = 16, 5
"""Of a function in a VPC (botocore lambda: SubnetIds, SecurityGroupIds)."""
RESERVED_VARIABLES = frozenset(
    {
        *("_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV"),
        *("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
        *("AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE"),
        *("AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API"),
        *("AWS_LAMBDA_MAX_CONCURRENCY", "AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_METADATA_TOKEN"),
        *("AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
    }
)
"""Variables that Lambda sets (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html,
"reserved")."""

# Step Functions

EXPRESS_SECONDS = 300
"""How long an Express workflow may run (Step Functions developer guide, "Choosing workflow type in
Step Functions": five minutes)."""
STATE_MACHINE_NAME_LENGTH = 80
"""Characters (botocore stepfunctions: Name)."""

# API Gateway, HTTP APIs

GATEWAY_SECONDS = 30
"""Timeout of an HTTP API's integration, which can't be raised
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html, "Maximum
integration timeout"; botocore apigatewayv2: IntegerWithLengthBetween50And30000, in ms)."""
GATEWAY_BODY = 10_000_000
"""Bytes of a payload (the same page). Lambda's limit for the whole event is lower."""
GATEWAY_HEAD = 10_240
"""Bytes of the request line and the headers' values (the same page)."""
CORS_MAX_AGE = (0, 86_400)
"""Seconds (botocore apigatewayv2: Cors.MaxAge)."""

# IAM and tags

ROLE_NAME_LENGTH = 64
"""Characters (botocore iam: roleNameType)."""
ROLE_POLICIES = 20
"""Managed policies of a role
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: 10, raised to 20)."""
TAGS = 50
"""Of a resource
(https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html)."""
TAG_KEY_LENGTH, TAG_VALUE_LENGTH = 128, 256
"""Characters (botocore lambda, iam, logs: TagKey and TagValue)."""

# CloudWatch Logs and EventBridge

RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096),
    *(1827, 2192, 2557, 2922, 3288, 3653),
)
"""Retention periods of a log group (botocore logs: PutRetentionPolicy lists them)."""
LOG_EVENT_BYTES = 1_048_576
"""Bytes of a log event
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html)."""
TARGETS = 5
"""Of an EventBridge rule (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html)."""
