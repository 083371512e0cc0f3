"""What a function serves beside its predictions, and the routes that takes."""

from collections.abc import Container, Iterable, Iterator

PATHS = (
    *("/", "/docs", "/openapi.json", "/health", "/metadata"),
    *("/ping", "/version", "/invocations", "/v1/models", "/v2"),
)
"""A page for people, the documentation, its OpenAPI document, and two for programs; then the paths
of MLflow and SageMaker (the last of the three predicts), TensorFlow Serving and the Open Inference
Protocol."""

ROUTES_VARIABLE = "MLDEPLOY_ROUTES"
"""Tells the endpoint in the image which routes it serves, that of predictions first."""

SEPARATOR = "|"
"""Between the variable's routes; no route key holds one."""

OTHER_PATHS = ("GET /v2/{path+}", "POST /v2/{path+}")
"""For all paths of the protocol without a route: only errors, in the form that its clients read."""

_SERVER = ("GET /v2", "GET /v2/health/live", "GET /v2/health/ready", *OTHER_PATHS)
_MODEL = ("GET /v2/models/{}", "GET /v2/models/{}/ready", "POST /v2/models/{}/infer")


_TENSORFLOW = ("GET /v1/models/{}", "POST /v1/models/{{model}}")
"""The second takes "NAME:predict". A parameter takes a whole segment, whatever is in it; whether a
route key may have a colon isn't documented for HTTP APIs, as it is for REST APIs
(https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html)."""


def routes_of(name: str, paths: Iterable[str], *, server: bool) -> Iterator[str]:
    """Yield the route keys of a function's paths.

    Args:
        name: the function's, which the Open Inference Protocol takes for the model's.
        paths: of PATHS.
        server: whether it also answers for the server as a whole, which one function can.

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

    A path that has only errors needs none: API Gateway refuses its HEAD without them.

    RFC 9110, 9.1, wants both of every server; API Gateway matches each method by itself
    (https://github.com/dherault/serverless-offline/issues/704).
    """
    for route in routes:
        yield route
        head = f"HEAD {route.removeprefix('GET ')}"
        if route.startswith("GET ") and head not in given and route not in OTHER_PATHS:
            yield head
