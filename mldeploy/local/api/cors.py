"""Cross-origin requests, which API Gateway handles according to the API's settings.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
"""

from fnmatch import fnmatchcase

from mldeploy.config import CorsConfig
from mldeploy.local.api.payload import Request, Response

_PREFIX = "access-control-"


def preflight(cors: CorsConfig | None, request: Request) -> Response | None:
    """Return the response to a preflight request, or None if it isn't one."""
    asks = request.header("origin") and request.header(f"{_PREFIX}request-method")
    if cors is None or request.method != "OPTIONS" or not asks:
        return None
    headers = _origin(cors, request)
    if headers:
        headers += _listed("allow-methods", cors.allow_methods)
        # API Gateway stores the names of headers in lower case (cdk-real-drift#257).
        headers += _listed("allow-headers", tuple(one.lower() for one in cors.allow_headers))
        headers += ((f"{_PREFIX}max-age", str(cors.max_age)),) if cors.max_age else ()
    return Response(204, headers)


def marked(cors: CorsConfig | None, request: Request, response: Response) -> Response:
    """Return the response with the API's CORS headers instead of the function's."""
    if cors is None:
        return response
    kept = tuple(one for one in response.headers if not one[0].startswith(_PREFIX))
    return Response(response.status, (*kept, *_origin(cors, request)), response.body)


def permits(cors: CorsConfig | None, origin: str) -> bool:
    """Return whether the API's settings allow an origin."""
    allowed = cors.allow_origins if cors is not None and origin else ()
    return any(fnmatchcase(origin.lower(), one.lower()) for one in allowed)


def _origin(cors: CorsConfig, request: Request) -> tuple[tuple[str, str], ...]:
    origin = request.header("origin")
    if not permits(cors, origin):
        return ()
    allowed = "*" if "*" in cors.allow_origins else origin
    return ((f"{_PREFIX}allow-origin", allowed),)


def _listed(name: str, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return ((f"{_PREFIX}{name}", ",".join(values)),) if values else ()
