"""The paths that a function serves in addition to its predictions, and their routes."""

from collections.abc import Container, Iterable, Iterator

PATHS = (
    *("/", "/docs", "/openapi.json", "/health", "/metadata"),
    *("/ping", "/version", "/invocations", "/v1/models", "/v2"),
)
"""The web page, the documentation, its OpenAPI document, and two paths for programs; then those of
MLflow and SageMaker (the last of the three predicts), TensorFlow Serving and the Open Inference
Protocol."""

ROUTES_VARIABLE = "MLDEPLOY_ROUTES"
"""The variable with the endpoint's routes, that of predictions first."""

SEPARATOR = "|"
"""Separator of the variable's routes; no route key contains it."""

OTHER_PATHS = ("GET /v2/{path+}", "POST /v2/{path+}")
"""For all paths of the protocol without a route: returns only errors, in the protocol's form."""

_SERVER = ("GET /v2", "GET /v2/health/live", "GET /v2/health/ready", *OTHER_PATHS)
_MODEL = ("GET /v2/models/{}", "GET /v2/models/{}/ready", "POST /v2/models/{}/infer")


_TENSORFLOW = ("GET /v1/models/{}", "POST /v1/models/{{model}}")
"""The second matches "NAME:predict". A parameter matches any segment; whether a route key may
contain a colon isn't documented for HTTP APIs, as it is for REST APIs
(https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html)."""


def routes_of(name: str, paths: Iterable[str], *, server: bool) -> Iterator[str]:
    """Yield the route keys of a function's paths.

    Args:
        name: the function's, which is the model's name in the Open Inference Protocol.
        paths: from PATHS.
        server: whether it also handles requests about the server, which one function does.

    Sources: https://github.com/kserve/open-inference-protocol (inference_rest.md);
    https://www.tensorflow.org/tfx/serving/api_rest
    """
    for path in paths:
        match path:
            case "/v2":
                yield from _SERVER if server else ()
                yield from (route.format(name) for route in _MODEL)
            case "/v1/models":
                yield from (route.format(name) for route in _TENSORFLOW)
            case "/invocations":
                yield "POST /invocations"
            case _:
                yield f"GET {path}"


def with_heads(routes: Iterable[str], given: Container[str] = ()) -> Iterator[str]:
    """Yield route keys, and after each GET the HEAD of its path unless it is in `given`.

    A path with only errors needs none, because API Gateway itself rejects its HEAD.

    RFC 9110, 9.1, requires both of every server; API Gateway matches each method separately
    (https://github.com/dherault/serverless-offline/issues/704).
    """
    for route in routes:
        yield route
        head = f"HEAD {route.removeprefix('GET ')}"
        if route.startswith("GET ") and head not in given and route not in OTHER_PATHS:
            yield head
