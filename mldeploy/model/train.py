"""From the user's train module to a bundle, or to the reason why there is none."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mldeploy.config import Config
from mldeploy.events import Emit
from mldeploy.model.bundle import Bundle
from mldeploy.model.bundling import in_child, make_bundle
from mldeploy.model.training import TrainingRequest, write_request


def train(config: Config, emit: Emit, thresholds: Mapping[str, float] | None = None) -> Bundle:
    """Train, evaluate, prove in a clean process, and write the bundle in one step.

    Args:
        config: of the project.
        emit: gets the steps, and a warning where the package index can't be asked.
        thresholds: by metric; at least for a score, at most for an error.

    Raises:
        MldeployError: MLD2xx; see docs/training.md.
    """

    def make(folder: Path, target: Path) -> dict[str, Any]:
        request = TrainingRequest(
            str(config.root), str(config.root / config.train), str(target), config.hooks
        )
        path = folder / "request.json"
        write_request(request, path)
        return in_child("mldeploy.model.training", path, config.root, target)

    return make_bundle(config, "fit and evaluate", make, emit, thresholds)
