"""Which route is answered by what: predictions, and what the function serves beside them."""

import os

from endpoint.event import Event, Reply
from endpoint.predicting import Prediction

ROUTES = tuple(one for one in os.environ.get("MLDEPLOY_ROUTES", "").split("|") if one)
"""The routes that the gateway sends here, that of predictions first; empty where it has no other.

A route that isn't among them is one of predictions, whatever its path is called.
"""


_V2 = "/v2"


def is_v2(route: str) -> bool:
    """Tell whether a route is one of the Open Inference Protocol's that this function serves."""
    path = route.partition(" ")[2]
    return route in ROUTES[1:] and (path == _V2 or path.startswith(f"{_V2}/"))


if any(map(is_v2, ROUTES)):
    # Imported here, once an environment: init time is cheaper than requests.
    from endpoint import v2


def answer(route: str, event: Event, prediction: Prediction, request_id: str) -> Reply:
    """Answer an event of API Gateway.

    Raises:
        ProblemError: for what is wrong with the request.
    """
    if is_v2(route):
        return v2.answer(route, event, prediction, request_id)
    if route in ROUTES[1:]:
        return _further(route.partition(" ")[2], prediction)
    return prediction.over_http(event, request_id)


def _further(path: str, prediction: Prediction) -> Reply:
    match path:
        case "/health":
            from endpoint.pages.facts import health

            return health(prediction)
        case "/metadata":
            from endpoint.pages.facts import metadata

            return metadata(prediction)
        case "/openapi.json":
            from endpoint.pages.openapi import openapi

            return openapi(prediction, ROUTES)
        case "/docs":
            from endpoint.pages.docs import docs

            return docs(prediction, ROUTES)
        case "/":
            from endpoint.pages.home import home

            return home(prediction, ROUTES)
        case _:
            raise AssertionError(path)
