"""The other models of an API, for the documents of a function that serves only its own."""

import json

from mldeploy.config import Config
from mldeploy.config.about import documents
from mldeploy.config.task import ENDPOINT
from mldeploy.errors import MldeployError
from mldeploy.model.bundle import PRIVATE_SINCE, load_bundle

OTHERS = f"{ENDPOINT}/others.json"
"""Its path in the build context. It isn't in the layer of the model, which may be large."""
_PUBLISHED = ("signature", "example", "hooks")
"""What requests and responses look like. Metrics, predictions and hashes are left out: this image
is the same after a training of another model that keeps its columns."""


def others_of(config: Config) -> bytes | None:
    """Return the facts of the API's other models by their names, or None if nothing needs them.

    A model that isn't trained yet is left out: a deploy fails without it in any case.

    Args:
        config: of one model.
    """
    if not any(map(documents, config.functions)):
        return None
    names = sorted({one.model for one in config.others if one.route and not one.custom})
    found = {name: facts for name in names if (facts := _facts(config.of_model(name)))}
    return (json.dumps(found, sort_keys=True) + "\n").encode() if found else None


def _facts(config: Config) -> dict[str, object]:
    try:
        bundle = load_bundle(config.bundle, verify=False)
    except MldeployError:
        return {}
    if bundle.facts["format"] < PRIVATE_SINCE:
        return {}
    return {name: bundle.facts[name] for name in _PUBLISHED if name in bundle.facts}
