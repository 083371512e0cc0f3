"""An API's URL and authorization, from the event of a request.

The routes of an API have one `auth`, so the request for the document was let in as any other is.
Source: aws-lambda-go, events/apigw.go (APIGatewayV2HTTPRequestContextAuthorizerDescription).
"""

import re
from typing import Any

from endpoint.event import Event, header_of

Scheme = dict[str, Any]
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9a-fA-F:]+\](:[0-9]{1,5})?")
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*")
_SCHEMES: dict[str, Scheme] = {
    "jwt": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token of the issuer that the API admits.",
    },
    # As API Gateway exports it: "x-amazon-apigateway-authtype" in its developer guide.
    "iam": {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "awsSigv4",
        "description": "A signature of AWS (Signature Version 4, service execute-api).",
    },
}


def auth_of(event: Event) -> str:
    """Return "iam" or "jwt" if API Gateway let the request in by that, else ""."""
    context = event.get("requestContext")
    found = context.get("authorizer") if isinstance(context, dict) else None
    return next((name for name in _SCHEMES if isinstance(found, dict) and found.get(name)), "")


def base_of(event: Event, path: str) -> str:
    """Return the URL in front of a path of this event's API, "/" if the event doesn't tell it.

    The prefix of the request's path before `path` is a stage or the mapping of a custom domain.
    """
    context = event.get("requestContext")
    host = context.get("domainName") if isinstance(context, dict) else None
    if not isinstance(host, str) or not _HOST.fullmatch(host):
        return "/"
    raw = event.get("rawPath")
    before = raw.removesuffix(path) if isinstance(raw, str) else ""
    scheme = "http" if header_of(event, "x-forwarded-proto") == "http" else "https"
    return f"{scheme}://{host}{before if _PREFIX.fullmatch(before) else ''}"


def security(auth: str) -> tuple[list[dict[str, list[str]]], dict[str, Scheme]]:
    """Return OpenAPI's `security` and `securitySchemes`; both are empty for a public API."""
    return ([{auth: []}], {auth: _SCHEMES[auth]}) if auth else ([], {})
