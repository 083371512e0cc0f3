"""`/health`: the status of the endpoint as JSON."""

from endpoint.response import Response, json_response
from endpoint.service import Service


def health(service: Service) -> Response:
    """Return the status and the release; the model was loaded before the first request."""
    return json_response({"status": "ok", "model": service.identity})
