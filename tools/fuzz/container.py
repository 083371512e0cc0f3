"""The endpoint's image in a container with Lambda's limits, behind Lambda's emulator."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mldeploy.config.file import load_config
from mldeploy.images.docker.connection import connect
from mldeploy.images.docker.emulator import address_of, container, first_reply
from mldeploy.images.making import with_docker
from mldeploy.images.spec import image_spec
from mldeploy.images.trials import trials
from mldeploy.model.bundle import load_bundle
from tools.fuzz.gateway import event_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mldeploy.config import Config
    from tools.fuzz.bodies import Sent

MEMORY = 512
"""MB, of the function and so of its container."""
_PATH = "/2015-03-31/functions/function/invocations"
_SECONDS = 60
_EMULATORS = re.compile(
    r"(START|END|REPORT) RequestId: |\d\d \w{3} \d{4} [\d:,]+ \[(INFO|WARNING)\] "
)
_NAME = "iris-fuzz"
_CONFIG = f"""
[project]
name = "{_NAME}"

[functions.predict]
memory = {MEMORY}
paths = ["/", "/docs", "/openapi.json", "/health", "/metadata", "/v2"]

[api]
auth = "none"
"""


def project(folder: Path, train: str) -> Config:
    """Write and train a project that serves all there is; return its configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train.py").write_text(train, encoding="utf-8")
    (folder / "mldeploy.toml").write_text(_CONFIG, encoding="utf-8")
    command = [sys.executable, "-m", "mldeploy", "train"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return load_config(folder / "mldeploy.toml")


@dataclass
class Container:
    """A running function.

    Attributes:
        api: docker-py's client.
        name: the container's.
        port: of the emulator, on loopback.
        features: the model's columns.
        routes: that the function serves.
    """

    api: Any
    name: str
    port: int
    features: list[dict[str, Any]]
    routes: tuple[str, ...]

    def __post_init__(self) -> None:
        self.connect()

    def connect(self) -> None:
        """Open a new connection to the emulator."""
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_SECONDS)

    def answer(self, event: bytes) -> bytes:
        """Send an event as JSON and return the unparsed response."""
        self._connection.request("POST", _PATH, event)
        return self._connection.getresponse().read()

    def invoke(self, payload: bytes) -> Any:
        """Send an event as JSON and return the parsed response."""
        return json.loads(self.answer(payload))

    def send(self, sent: Sent) -> Any:
        """Send a request as the gateway would."""
        return self.invoke(json.dumps(event_of(sent)).encode())

    def memory(self) -> float:
        """Return how many MB it holds, without what the kernel only caches."""
        found = self.api.stats(self.name, stream=False)["memory_stats"]
        cached = found["stats"].get("inactive_file") or found["stats"].get("total_inactive_file", 0)
        return float(found["usage"] - cached) / 1e6

    def lines(self) -> str:
        """Return what was logged; the emulator's own lines are left out."""
        text: str = self.api.logs(self.name).decode("utf-8", "replace")
        return "\n".join(line for line in text.split("\n") if not _EMULATORS.match(line))


@contextmanager
def running(config: Config) -> Iterator[Container]:
    """Build the image, and run it with a read-only root, its memory and no rights."""
    api = connect()
    bundle = load_bundle(config.bundle)
    built = with_docker(api).builder.build(image_spec(config, bundle), lambda _event: None)
    (function,) = config.functions
    (trial,) = trials((function,), config.root)
    told = tuple(sorted(config.variables(function).items()))
    trial = replace(trial, environment=told)
    try:
        with container(api, built.image_id, trial, "fuzz") as name:
            api.start(name)
            first_reply(api, name, b'{"mldeploy": "warmup"}')
            features = bundle.facts["signature"]["features"]
            port = urlsplit(address_of(api, name)).port or 0
            yield Container(api, name, port, features, config.routes(function))
    finally:
        # Its layers are kept in the engine's cache, so the next run builds in a second.
        api.remove_image(built.image_id, force=True)
