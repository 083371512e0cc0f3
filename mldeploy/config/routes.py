"""Checks of routes and cross-origin rules, as in `mldeploy.config.limits`."""

import re
from typing import Any

from mldeploy.config.limits import require

METHODS = ("ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
# RFC 3986's unreserved characters and sub-delims, and percent escapes
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+")
_PARAMETER = re.compile(r"\{[A-Za-z0-9._:-]+\}")
_GREEDY = re.compile(r"\{[A-Za-z0-9._:-]+\+\}")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\*|[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2


def route(value: str) -> str:
    """Check a route key of an HTTP API.

    Source:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
    """
    if value == "$default":
        return value
    method, _, path = value.partition(" ")
    require(
        method in METHODS and path.startswith("/"),
        f"must be `METHOD /path`, or $default; METHOD is one of {', '.join(METHODS)}",
    )
    segments = path[1:].split("/") if path != "/" else []
    *_, last = segments or [""]
    require(
        not any(_GREEDY.fullmatch(part) for part in segments[:-1]),
        "must have {name+} last, because it matches the rest of the path",
    )
    require(
        all(_SEGMENT.fullmatch(part) or _PARAMETER.fullmatch(part) for part in segments[:-1])
        and (not segments or any(kind.fullmatch(last) for kind in (_SEGMENT, _PARAMETER, _GREEDY))),
        "must have a path of plain parts and {name}s, and at most one {name+}, which is last",
    )
    names = [part for part in segments if part.startswith("{")]
    require(len(names) == len(set(names)), "uses a path parameter twice")
    return value


def route_or_false(value: object, info: Any) -> object:
    """Check a route key, or false for a function without a route."""
    if info.context and value == "false":  # from a variable
        value = False
    match value:
        case False | None:
            return value
        case str():
            return route(value)
    raise ValueError("must be text in quotes, or false for a function without a route")


def any_form(schema: dict[str, Any]) -> None:
    """Allow false in the JSON schema, too."""
    schema.pop("anyOf", None)
    schema["oneOf"] = [{"type": "string"}, {"const": False}]


def route_shape(value: str) -> str:
    """Return a route without parameter names, which don't affect matching."""
    shape = re.sub(r"\{[^}]*\+\}", "{+}", value)
    return re.sub(r"\{[^}+]*\}", "{}", shape)


def origin(value: str) -> str:
    """Check an origin that may call the API from a browser.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
    """
    require(
        value == "*" or _ORIGIN.fullmatch(value),
        'must be "*" or scheme://host[:port] without a path, such as https://example.com',
    )
    return value


def issuer(value: str) -> str:
    """Check the issuer of tokens; API Gateway reads its keys over https.

    Source:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    """
    require(
        re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/\S*)?", value),
        "must be an https URL, exactly as in the tokens' `iss`",
    )
    return value


def method(value: str) -> str:
    """Check a method that another origin may use."""
    known = ("*", *(known for known in METHODS if known != "ANY"))
    require(value in known, f"must be one of {', '.join(known)}")
    return value


def header(value: str) -> str:
    """Check the name of a header that another origin may send."""
    require(value == "*" or _TOKEN.fullmatch(value), 'must be the name of a header, or "*"')
    return value
