"""Trained models behind their handlers, one a worker."""

from collections.abc import Callable
from typing import Any

import pytest

from mldeploy.config.paths import PATHS, routes_of
from tests.support.models import (
    FRAME,
    IRIS,
    Trained,
    bundle_of,
    handler_of,
    project,
    task_of,
    trained,
)

Handler = Callable[[Any, Any], Any]


@pytest.fixture(scope="session")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The tutorial's model."""
    return trained(project(tmp_path_factory.mktemp("iris"), IRIS))


ROUTES = ("POST /predict", *routes_of("predict", PATHS, server=True))
"""Of a function that serves all there is."""


@pytest.fixture(scope="session")
def iris_handler(iris: Trained, tmp_path_factory: pytest.TempPathFactory) -> Handler:
    """The tutorial's model, behind its handler."""
    return handler_of(task_of(iris.bundle, tmp_path_factory.mktemp("task") / "task"), *ROUTES)


@pytest.fixture(scope="session")
def frame_handler(tmp_path_factory: pytest.TempPathFactory) -> Handler:
    """A model on a DataFrame of several types, behind its handler."""
    task = task_of(bundle_of(FRAME), tmp_path_factory.mktemp("task") / "task")
    return handler_of(task, *ROUTES)
