"""`/metadata`: the model as JSON."""

from endpoint.response import Response, json_response
from endpoint.service import Service

_PUBLISHED = ("signature", "metrics", "evaluation", "versions", "example")


def metadata(service: Service) -> Response:
    """Return the model's signature, metrics, versions and example."""
    facts = service.model.facts
    about = {name: facts["model"].get(name) for name in ("estimator", "framework", "bytes")}
    published = {name: facts[name] for name in _PUBLISHED if name in facts}
    return json_response({"model": {**service.identity, **about}, **published})
