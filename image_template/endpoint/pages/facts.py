"""`/health` and `/metadata`: for programs."""

from endpoint.event import Reply, json_reply
from endpoint.predicting import Prediction

_TOLD = ("signature", "metrics", "evaluation", "versions", "example")


def health(prediction: Prediction) -> Reply:
    """Say which release answers; the model was loaded before the first request."""
    return json_reply({"status": "ok", "model": prediction.identity})


def metadata(prediction: Prediction) -> Reply:
    """Say what the model is, takes and gives, and how good it was on held-out rows."""
    facts = prediction.model.facts
    about = {name: facts["model"].get(name) for name in ("estimator", "framework", "bytes")}
    told = {name: facts[name] for name in _TOLD if name in facts}
    return json_reply({"model": {**prediction.identity, **about}, **told})
