"""The AWS calls for an HTTP API."""

from mldeploy.config import TAG_PROJECT, TAG_STAGE, Config
from mldeploy.resources.kind import FUNCTIONS, Calls, Condition

_GATEWAY = "arn:*:apigateway:{region}::"


def _ours(config: Config) -> Condition:
    """Return a condition on an API's tags: only ours may be changed or deleted as a whole.

    An API's id isn't known in advance. The service authorization reference lists `aws:ResourceTag`
    for an API. Only for REST APIs do routes and integrations inherit their API's tags (API Gateway
    developer guide, "API Gateway resources that can be tagged": "V1 API"), so a condition on the
    parts would reject our own calls.
    """
    tags = {TAG_PROJECT: config.name, TAG_STAGE: config.pattern or config.stage}
    return {"StringLike": {f"aws:ResourceTag/{tag}": name for tag, name in tags.items()}}


_CHANGING = ("apigateway:DELETE", "apigateway:PATCH")
API_CALLS = (
    Calls(
        ("apigateway:GET", "apigateway:POST"), (f"{_GATEWAY}/apis", f"{_GATEWAY}/apis/*"), "Apis"
    ),
    Calls(_CHANGING, (f"{_GATEWAY}/apis/*/*",), "ApiParts"),
    Calls(_CHANGING, (f"{_GATEWAY}/apis/*",), "OwnApis", when=_ours),
    # CreateApi with tags is authorised on `<the gateway's ARN>/tags/` after the prefix of
    # another ARN (aws-cloudformation/cloudformation-coverage-roadmap#997), tagging later on
    # `/tags/<ARN>` (iann0036/iam-dataset#39).
    Calls(
        ("apigateway:POST", "apigateway:PUT"),
        (f"{_GATEWAY}/tags/*", f"{_GATEWAY}arn:*/tags/*"),
        "ApiTags",
    ),
    Calls(
        (
            *("lambda:AddPermission", "lambda:GetAlias"),
            *("lambda:GetPolicy", "lambda:RemovePermission"),
        ),
        FUNCTIONS,
    ),
)
