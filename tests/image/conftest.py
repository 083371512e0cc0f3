"""Trained models behind their handlers, one a worker."""

from collections.abc import Callable
from typing import Any

import pytest

from mldeploy.config.paths import PATHS, routes_of
from mldeploy.model.bundle import Bundle
from tests.support.models import FRAME, IRIS, bundle_of, handler_of, task_of

Handler = Callable[[Any, Any], Any]


@pytest.fixture(scope="session")
def iris() -> Bundle:
    """The tutorial's model."""
    return bundle_of(IRIS)


ROUTES = ("POST /predict", *routes_of("predict", PATHS, server=True))
"""Of a function that serves all there is."""


@pytest.fixture(scope="session")
def iris_handler(iris: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Handler:
    """The tutorial's model, behind its handler."""
    return handler_of(task_of(iris, tmp_path_factory.mktemp("task") / "task"), *ROUTES)


@pytest.fixture(scope="session")
def frame_handler(tmp_path_factory: pytest.TempPathFactory) -> Handler:
    """A model on a DataFrame of several types, behind its handler."""
    task = task_of(bundle_of(FRAME), tmp_path_factory.mktemp("task") / "task")
    return handler_of(task, *ROUTES)
