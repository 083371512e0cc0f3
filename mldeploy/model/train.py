"""From the user's train module to a bundle, or to the reason why there is none."""

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from threading import Thread
from typing import Any

from mldeploy.config import Config
from mldeploy.events import Emit
from mldeploy.model.bundle import Bundle
from mldeploy.model.bundling import in_child, make_bundle
from mldeploy.model.relay import relay
from mldeploy.model.training import TrainingRequest, write_request

_LAST_EVENTS = 5.0
"""Seconds. A process that the training left behind may hold the pipe open."""


def train(
    config: Config,
    emit: Emit,
    thresholds: Mapping[str, float] | None = None,
    *,
    allow_useless: bool = True,
) -> Bundle:
    """Train, evaluate, prove in a clean process, and write the bundle in one step.

    Args:
        config: of the project.
        emit: gets the steps, and a warning where the package index can't be asked.
        thresholds: by metric; at least for a score, at most for an error.
        allow_useless: whether a model that is no better than the baseline is only a warning.

    Raises:
        MldeployError: MLD2xx; see docs/training.md.
    """

    def make(folder: Path, target: Path) -> dict[str, Any]:
        reading, writing = os.pipe()
        request = TrainingRequest(
            str(config.root),
            str(config.root / config.train),
            str(target),
            config.hooks,
            asdict(config.training),
            writing,
        )
        path = folder / "request.json"
        write_request(request, path)
        with os.fdopen(reading, encoding="utf-8") as stream:
            listener = Thread(target=relay, args=(stream, emit), daemon=True)
            listener.start()
            try:
                return in_child("mldeploy.model.training", path, config.root, target, pipe=writing)
            finally:
                os.close(writing)
                listener.join(_LAST_EVENTS)

    return make_bundle(
        config, "fit and evaluate", make, emit, thresholds, allow_useless=allow_useless
    )
