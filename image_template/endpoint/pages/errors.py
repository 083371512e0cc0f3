"""The error responses of the operations."""

from typing import Any

from endpoint.pages.schemas import reference

_DESCRIPTIONS = {
    "400": "The body is missing or can't be parsed.",
    "413": "The body, the row count or the response is too large.",
    "415": "Unsupported content type, content encoding or charset.",
    "422": "The rows don't fit the model; errors has row, column, expected and got.",
    "500": "The model failed; see the function's log.",
}
_GATEWAYS = {
    "401": "The token is missing, expired or of another issuer.",
    "403": "The credentials are missing or don't allow the call.",
    "429": "Too many requests; try again later.",
    "500": "The function failed.",
    "503": "The function took longer than API Gateway waits.",
}
_AUTH = {"": {"401", "403"}, "iam": {"401"}, "jwt": set[str]()}
"""The statuses that an API with that `auth` doesn't have. Without credentials a signed API has 403
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html)."""


def error_responses(content_type: str = "application/problem+json") -> dict[str, Any]:
    """Return the responses of operations that predict by status, each a problem document."""
    content = {content_type: {"schema": reference("Problem")}}
    return {
        status: {"description": description, "content": content}
        for status, description in _DESCRIPTIONS.items()
    }


def gateway_responses(auth: str) -> dict[str, Any]:
    """Return the responses of API Gateway's own, which every operation has.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
    """
    content = {"application/json": {"schema": reference("Message")}}
    return {
        status: {"description": description, "content": content}
        for status, description in _GATEWAYS.items()
        if status not in _AUTH[auth]
    }
