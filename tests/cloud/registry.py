"""A registry on loopback with a password: Debian's docker-registry with htpasswd.

`python -m tests.cloud.registry` runs one until it is interrupted.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cloud.state import (
    LOOPBACK,
    CloudError,
    free_port,
    stop_process,
    tail,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

UNAUTHORIZED = 401


@dataclass(frozen=True)
class Registry:
    """A running registry.

    Attributes:
        address: `127.0.0.1:port`, the first part of its images' names.
        username: `AWS`, as in ECR.
        password: generated for this run.
        log: of the registry.
    """

    address: str
    username: str
    password: str
    log: Path

    @property
    def auth_config(self) -> dict[str, str]:
        """The login in the form of docker-py's `push`."""
        return {"username": self.username, "password": self.password}


@contextlib.contextmanager
def running_registry(port: int | None = None) -> Iterator[Registry]:
    """Start a registry with its own login; stop it and remove its images afterwards.

    Raises:
        CloudError: docker-registry isn't installed or doesn't start.
    """
    program = shutil.which("docker-registry")
    if program is None:
        raise CloudError("docker-registry is not installed (Debian's package has this name)")
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="mldeploy-registry-") as scratch:
        folder = Path(scratch)
        log = folder / "registry.log"
        registry = Registry(f"{LOOPBACK}:{port}", "AWS", secrets.token_urlsafe(24), log)
        with log.open("wb") as output:
            process = subprocess.Popen(
                [program, "serve", _write_config(folder, registry)],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
            )
        try:
            if not wait_until(
                lambda: _asks_for_login(registry), seconds=15, alive=lambda: process.poll() is None
            ):
                raise CloudError(f"docker-registry did not start:\n{tail(log.read_text())}")
            yield registry
        finally:
            stop_process(process)


def _write_config(folder: Path, registry: Registry) -> Path:
    """Write the configuration and the password file; YAML is a superset of JSON."""
    import bcrypt

    digest = bcrypt.hashpw(registry.password.encode(), bcrypt.gensalt(rounds=5))
    htpasswd = folder / "htpasswd"
    htpasswd.write_text(f"{registry.username}:{digest.decode()}\n")
    settings = {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {
            "filesystem": {"rootdirectory": str(folder / "images")},
            "delete": {"enabled": True},
        },
        "http": {"addr": registry.address},
        "auth": {"htpasswd": {"realm": "mldeploy", "path": str(htpasswd)}},
    }
    config = folder / "config.yml"
    config.write_text(json.dumps(settings))
    return config


def _asks_for_login(registry: Registry) -> bool:
    try:
        urllib.request.urlopen(f"http://{registry.address}/v2/", timeout=2).close()
    except urllib.error.HTTPError as error:
        return error.code == UNAUTHORIZED
    except OSError:
        return False
    return False


def main() -> int:
    """Run a registry until interrupted."""
    try:
        with running_registry() as registry:
            print(f"{registry.address} {registry.username} {registry.password}", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
    except CloudError as error:
        print(f"registry: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
