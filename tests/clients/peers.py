"""MLflow's server and BentoML with the same estimators, each in an environment of its own."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import urllib3

from tests.clients import environments
from tests.clients.models import MODELS

_SCRIPTS = environments.HERE / "scripts"
_SECONDS = 900
"""Much more than it takes: in CI other tests have the processors first."""


def write_models(folder: Path) -> dict[str, str]:
    """Write the fitted estimators where the servers find them; the paths."""
    import joblib

    folder.mkdir()
    for model in MODELS:
        joblib.dump(model.estimator, folder / f"{model.name}.joblib")
    return {one.name: str(folder / f"{one.name}.joblib") for one in MODELS}


@contextmanager
def mlflow_served(folder: Path) -> Iterator[dict[str, str]]:
    """Serve all models with `mlflow models serve`; the address of each one's predictions."""
    paths = write_models(folder)
    jobs = [
        {**one.job(""), "estimator": paths[one.name], "target": str(folder / one.name)}
        for one in MODELS
    ]
    python = environments.python_of("mlflow")
    script = str(_SCRIPTS / "mlflow_models.py")
    subprocess.run([python, script], input=json.dumps(jobs), text=True, check=True, cwd=folder)
    program = str(python.parent / "mlflow")
    with ExitStack() as stack:
        found = {}
        for name in paths:
            port = _free_port()
            model = ("--model-uri", str(folder / name), "--env-manager", "local")
            command = [program, "models", "serve", *model, "--port", str(port)]
            stack.enter_context(_running(command, folder / f"{name}.log", {}))
            found[name] = f"http://127.0.0.1:{port}"
        for url in found.values():
            _wait(f"{url}/ping")
        yield {name: f"{url}/invocations" for name, url in found.items()}


@contextmanager
def bento_served(folder: Path) -> Iterator[dict[str, str]]:
    """Serve all models with `bentoml serve`; the address of each one's predictions."""
    models = json.dumps(write_models(folder))
    port = _free_port()
    program = str(environments.python_of("bentoml").parent / "bentoml")
    command = [program, "serve", "bento_service:Models", "--working-dir", str(_SCRIPTS)]
    quiet = {"BENTOML_DO_NOT_TRACK": "True", "BENTOML_HOME": str(folder / "home")}
    environment = {"MODELS": models, **quiet}
    with _running([*command, "--port", str(port)], folder / "bento.log", environment):
        _wait(f"http://127.0.0.1:{port}/readyz")
        yield {one.name: f"http://127.0.0.1:{port}/{one.name}" for one in MODELS}


@contextmanager
def _running(command: list[str], log: Path, environment: dict[str, str]) -> Iterator[None]:
    """Run a server and what it starts until the end."""
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
    with log.open("w") as out:
        process = subprocess.Popen(
            command,
            cwd=log.parent,
            env={**os.environ, "PATH": path, "PYTHONPATH": "", **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(_SECONDS)


def _wait(url: str) -> None:
    """Wait until a server answers."""
    last = time.monotonic() + _SECONDS
    while True:
        try:
            if urllib3.request("GET", url, retries=False, timeout=5).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            pass
        assert time.monotonic() < last, f"{url} never answered"
        time.sleep(0.1)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
