"""The routes of the function: predictions, pages and protocols."""

import re
from collections.abc import Iterator

from endpoint.event import ROUTES, Event
from endpoint.problem import problem
from endpoint.response import Response, problem_response
from endpoint.service import Service


def _responses() -> Iterator[tuple[str, str]]:
    """Yield each route but that of predictions, and the route whose response it has.

    A HEAD gets the response to GET: the server in front leaves its body out (RFC 9110, 9.3.2).
    """
    for route in ROUTES[1:]:
        head = f"HEAD {route.removeprefix('GET ')}"
        if route.startswith("GET ") and head not in ROUTES:
            yield head, route
        yield route, route


_OTHERS = dict(_responses())
_V2, _TENSORFLOW = "/v2", "/v1/models"
_PROTOCOLS = re.compile(
    r"/(docs|openapi\.json|health|metadata|invocations|ping|version|v1/models"
    r"|v2/(health|models|repository))(/.*)?|/v2/?"
)
"""The paths of pages and protocols, whether this function serves them or not."""
_FOR_ANY_PATH = ("$default", "+}")
"""The ends of routes that API Gateway also chooses for such paths."""


def has_error(route: str) -> bool:
    """Return whether the clients of a route read the member `error` of a problem."""
    return route in _OTHERS and (_below(_V2, route) or _below(_TENSORFLOW, route))


def _below(path: str, route: str) -> bool:
    return f"{route.partition(' ')[2]}/".startswith(f"{path}/")


# Imported once per environment, not per request: init time costs less than requests.
if any(_below(_V2, route) for route in _OTHERS):
    from endpoint import v2
if any(_below(_TENSORFLOW, route) for route in _OTHERS):
    from endpoint.protocols import tensorflow
if "POST /invocations" in _OTHERS:
    from endpoint.protocols import invocations


def respond(route: str, event: Event, service: Service, request_id: str) -> Response:
    """Respond to an event of API Gateway.

    Raises:
        ProblemError: if the request is invalid.
    """
    if other := _OTHERS.get(route):
        return _other(other, event, service, request_id)
    if route.endswith(_FOR_ANY_PATH) and (refusal := _unserved(event)):
        return refusal
    return service.over_http(event, request_id)


def _unserved(event: Event) -> Response | None:
    """Return a 404 for a path of a page or protocol that isn't among the function's routes.

    A route for any path gets these requests, too; a prediction would be read as something else.
    """
    path = str(event.get("rawPath") or event.get("path"))
    if not _PROTOCOLS.fullmatch(path):
        return None
    detail = "this path isn't served; `paths` in [functions.NAME] of mldeploy.toml lists such paths"
    return problem_response(problem(404, detail), v2=path.startswith(("/v1", "/v2")))


def _other(route: str, event: Event, service: Service, request_id: str) -> Response:
    if _below(_V2, route):
        return v2.respond(route, event, service, request_id)
    match route.partition(" ")[2].split("/"):
        case ["", "v1", "models", "{model}"]:
            return tensorflow.predict(_model(), event, service, request_id)
        case ["", "v1", "models", name]:
            return tensorflow.status(name, service)
        case ["", "invocations"]:
            return invocations.respond(event, service, request_id)
        case ["", "ping" | "version" as name]:
            release = service.identity["release"]
            return Response(200, release if name == "version" else "", "text/plain")
        case _:
            return _page(route.partition(" ")[2], event, service)


def _model() -> str:
    """Return the model's name in TensorFlow's paths, which is the function's."""
    status = f"GET {_TENSORFLOW}/"
    return next(route.removeprefix(status) for route in ROUTES if route.startswith(status))


def _page(path: str, event: Event, service: Service) -> Response:
    match path:
        case "/health":
            from endpoint.pages.health import health

            return health(service)
        case "/metadata":
            from endpoint.pages.metadata import metadata

            return metadata(service)
        case "/openapi.json":
            from endpoint.pages.openapi import openapi

            return openapi(service, ROUTES, event)
        case "/docs":
            from endpoint.pages.docs import docs

            return docs(service, ROUTES, event)
        case "/":
            from endpoint.pages.home import home

            return home(service, ROUTES, event)
        case _:
            raise AssertionError(path)
