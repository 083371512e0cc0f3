"""Connects to the engine, and translates the SDK's errors."""

import json
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note
from mldeploy.images.docker.errors import context_error, engine_error

_SECONDS = 600
"""Seconds. docker-py's default of 60 is too short for a large layer."""
_NOBODY = {"auths": {"none.invalid": {"auth": "Og=="}}}
"""A configuration with a login for an invalid host, because docker-py reads the user's file if it
is empty.
"""


def connect(seconds: float = _SECONDS) -> Any:
    """Connect to the engine as the docker command does: DOCKER_HOST, contexts, the socket.

    Args:
        seconds: timeout of a call.

    Raises:
        MldeployError: MLD301 if none responds, MLD316 for a context that doesn't exist.
    """
    import docker

    _require_context()
    try:
        client = docker.from_env(timeout=seconds)
        client.ping()
    except Exception as error:
        # An invalid address may raise any exception in docker-py.
        raise engine_error(error) from error
    return client.api


def _require_context() -> None:
    """Refuse a context that doesn't exist, as the docker command does.

    docker-py uses the machine's default engine instead, which may be another one.

    Raises:
        MldeployError: MLD316.
    """
    from docker.context import ContextAPI
    from docker.context.config import get_current_context_name

    if os.environ.get("DOCKER_HOST"):  # takes precedence over contexts
        return
    chosen = os.environ.get("DOCKER_CONTEXT", "")
    name = chosen or str(get_current_context_name() or "default")
    try:
        found = ContextAPI.get_context(name)
    except Exception as error:
        # A damaged file may raise any exception in docker-py.
        raise context_error(name, "can't be read", named=bool(chosen)) from error
    if found is None:
        raise context_error(name, "doesn't exist", named=bool(chosen))


@contextmanager
def translated(said: Callable[[str], MldeployError] | None = None) -> Iterator[None]:
    """Translate the SDK's errors.

    Args:
        said: returns the error for a request that the engine refused; MLD301 by default.
    """
    from docker.errors import APIError, DockerException, StreamParseError
    from requests.exceptions import RequestException
    from urllib3.exceptions import HTTPError

    try:
        yield
    except APIError as error:
        words = str(error.explanation or error)
        raise (said(words) if said else engine_error(error, words)) from error
    except (
        DockerException,
        StreamParseError,
        RequestException,
        HTTPError,
        ConnectionError,
    ) as error:
        raise engine_error(error) from error


def mend_credential_store(api: Any, emit: Emit) -> None:
    """Ignore the logins of a failing credential store, because a build may not need them.

    docker-py requests every login before each build.
    """
    from docker.auth import load_config
    from docker.credentials.errors import StoreError

    try:
        with warnings.catch_warnings(action="ignore"):  # it logs what it then raises
            load_config().get_all_credentials()
    except StoreError as error:
        emit(
            Note(f"building without Docker's logins, because its credential store failed ({error})")
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "config.json"
            path.write_text(json.dumps(_NOBODY), encoding="utf-8")
            api.reload_config(str(path))
