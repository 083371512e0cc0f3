"""The routes of the function: predictions, and the pages and documents beside them."""

import os

from endpoint.event import Event
from endpoint.response import Response
from endpoint.service import Service

ROUTES = tuple(route for route in os.environ.get("MLDEPLOY_ROUTES", "").split("|") if route)
"""The routes that API Gateway sends to this function, the route of predictions first.

It is empty if there is only that route. An event whose route isn't listed asks for predictions,
whatever its path is.
"""


_V2 = "/v2"


def is_v2(route: str) -> bool:
    """Tell whether this function serves a route of the Open Inference Protocol."""
    path = route.partition(" ")[2]
    return route in ROUTES[1:] and (path == _V2 or path.startswith(f"{_V2}/"))


if any(map(is_v2, ROUTES)):
    # Imported once per environment, not per request: init time costs less than requests.
    from endpoint import v2


def respond(route: str, event: Event, service: Service, request_id: str) -> Response:
    """Respond to an event of API Gateway.

    Raises:
        ProblemError: if the request is invalid.
    """
    if route.startswith("HEAD ") and route not in ROUTES[:1]:
        # The response to GET: the server in front leaves its body out (RFC 9110, 9.3.2).
        route = f"GET {route.removeprefix('HEAD ')}"
    if is_v2(route):
        return v2.respond(route, event, service, request_id)
    if route in ROUTES[1:]:
        return _page(route.partition(" ")[2], service)
    return service.over_http(event, request_id)


def _page(path: str, service: Service) -> Response:
    match path:
        case "/health":
            from endpoint.pages.health import health

            return health(service)
        case "/metadata":
            from endpoint.pages.metadata import metadata

            return metadata(service)
        case "/openapi.json":
            from endpoint.pages.openapi import openapi

            return openapi(service, ROUTES)
        case "/docs":
            from endpoint.pages.docs import docs

            return docs(service, ROUTES)
        case "/":
            from endpoint.pages.home import home

            return home(service, ROUTES)
        case _:
            raise AssertionError(path)
