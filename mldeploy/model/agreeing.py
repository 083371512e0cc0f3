"""Checks that a bundle matches the current configuration."""

from mldeploy.config import Config
from mldeploy.config.requirement import name_of
from mldeploy.errors import MldeployError
from mldeploy.model.bundle import PRIVATE_SINCE, Bundle


def require_agreement(config: Config, bundle: Bundle) -> None:
    """Refuse a bundle that was trained under other settings than those of the file now.

    Raises:
        MldeployError: MLD207, or MLD208 for one that would publish rows of training.
    """
    _require_private(bundle)
    problem = ""
    published = bundle.facts.get("publish")
    if config.publish != (tuple(published) if isinstance(published, list) else published):
        problem = "made with another [publish] categories"
    if config.python and config.python != bundle.python:
        problem = f"trained with Python {bundle.python}, but the file requires {config.python}"
    locked = {name_of(line) for line in bundle.requirements}
    wanted = {name_of(line) for line in config.image.requirements}
    if wanted - locked:
        problem = f"trained without the requirement {min(wanted - locked)}"
    if problem:
        raise MldeployError(
            "MLD207", f"the model bundle was {problem}", "run `mldeploy train` again"
        )


def _require_private(bundle: Bundle) -> None:
    """Refuse a bundle of a time when model.json, which is published, held rows of training."""
    if bundle.facts["format"] < PRIVATE_SINCE:
        raise MldeployError(
            "MLD208",
            f"an older mldeploy wrote the bundle {bundle.path}: its model.json, which clients may "
            "read, contains a row of the training data",
            "run `mldeploy train` again",
        )
