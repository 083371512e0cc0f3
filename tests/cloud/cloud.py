"""An emulated AWS on loopback: `python -m tests.cloud.cloud -- COMMAND` runs a command in it."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from tests.cloud import engine
from tests.cloud.state import (
    LOOPBACK,
    CloudError,
    free_port,
    run,
    state_dir,
    stop_process,
    tail,
    wait_until,
)
from tools.uv import installer

if TYPE_CHECKING:
    from collections.abc import Iterator

# It runs functions' containers with Docker's SDK and pins botocore, so it has its own venv.
MINISTACK = ("ministack==1.5.33", "docker==7.2.0")
START_SECONDS = 30


@dataclass(frozen=True)
class Cloud:
    """A running emulator.

    Attributes:
        endpoint_url: of every AWS service, for `AWS_ENDPOINT_URL`.
        port: on loopback; Docker pushes to `127.0.0.1:port`.
        env: the variables that point the AWS SDK at it.
        log: the emulator's log.
        docker_host: whose containers the functions are; "" is the engine of the environment.
    """

    endpoint_url: str
    port: int
    env: dict[str, str]
    log: Path
    docker_host: str = ""

    def environment(self, **more: str) -> dict[str, str]:
        """Return this process's environment without its AWS settings, and with the cloud's."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "MLDEPLOY_")) or name == "AWS_CA_BUNDLE"
        }
        return {**kept, **self.env, **more}

    def containers(self) -> list[Any]:
        """Return the Lambda containers that this emulator started, running or not."""
        # ministack's container_reaper labels each with its host and port.
        label = f"ministack.instance={socket.gethostname()}:{self.port}"
        return list(
            engine.client(self.docker_host).containers.list(all=True, filters={"label": label})
        )

    def client(self, service: str) -> Any:
        """Return boto3's client of a service, for a look past mldeploy."""
        import boto3

        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name=self.env["AWS_REGION"],
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def images(self, repository: str) -> dict[str, dict[str, Any]]:
        """Return ECR's descriptions of a repository's releases, by tag.

        Their documents have no tag, or one that begins with "sha256-" (OCI distribution
        specification, "Referrers Tag Schema").
        """
        found = self.client("ecr").describe_images(repositoryName=repository)["imageDetails"]
        tagged = {tag: one for one in found for tag in one.get("imageTags", ())}
        return {tag: one for tag, one in tagged.items() if not tag.startswith("sha256-")}

    def open(
        self,
        url: str,
        data: bytes | None = None,
        timeout: float = 60,
        content_type: str = "application/json",
    ) -> tuple[int, bytes]:
        """Call a deployed HTTP API and return status and body; `data` makes it a POST."""
        address, host = loopback_address(url)
        headers = {"Host": host, "Content-Type": content_type}
        request = urllib.request.Request(address, data=data, headers=headers)  # noqa: S310 - http
        try:
            with urllib.request.urlopen(request, timeout=timeout) as reply:  # noqa: S310 - http
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


def loopback_address(url: str) -> tuple[str, str]:
    """Return the URL with a loopback address, and the Host header of the API.

    RFC 6761 makes `*.localhost` loopback, but Python uses the resolver, which often doesn't know
    that.
    """
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(".localhost"):
        return url, parts.netloc
    return urlunsplit(parts._replace(netloc=f"{LOOPBACK}:{parts.port or 80}")), parts.netloc


def resolve_localhost() -> None:
    """Make this process resolve `*.localhost` to loopback, for HTTP clients that aren't ours."""
    original = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        is_local = isinstance(host, str) and host.endswith(".localhost")
        return original(LOOPBACK if is_local else host, *args, **kwargs)

    socket.getaddrinfo = getaddrinfo


@contextlib.contextmanager
def running_cloud(port: int | None = None, docker_host: str = "") -> Iterator[Cloud]:
    """Start an emulated AWS; end it and the containers of its functions afterwards.

    Args:
        port: on loopback; a free one if None.
        docker_host: engine for functions and images; "" for the environment's.

    Raises:
        CloudError: it can't be installed or doesn't start.
    """
    python = _installed()
    port = port or free_port()
    log = state_dir() / f"ministack-{port}.log"
    chosen = {"DOCKER_HOST": docker_host} if docker_host else {}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [python, Path(__file__).with_name("ministack_server.py")],
            env={**_server_environment(port), **chosen},
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
        )
    variables = {**_client_environment(port), **chosen}
    cloud = Cloud(f"http://{LOOPBACK}:{port}", port, variables, log, docker_host)
    try:
        if not wait_until(
            lambda: _healthy(cloud), seconds=START_SECONDS, alive=lambda: process.poll() is None
        ):
            raise CloudError(f"ministack did not start; its log ends:\n{tail(log.read_text())}")
        yield cloud
    finally:
        stop_process(process)
        if engine.why_not(docker_host) is None:
            _tidy_engine(cloud)


def _tidy_engine(cloud: Cloud) -> None:
    """Remove the functions' containers and the names of images in a registry that is gone."""
    from docker.errors import ImageNotFound

    for container in cloud.containers():
        container.remove(force=True, v=True)
    images = engine.client(cloud.docker_host).images
    for image in images.list():
        names = [*image.tags, *(image.attrs.get("RepoDigests") or [])]
        for name in names:
            if name.startswith(f"{LOOPBACK}:{cloud.port}/"):
                with contextlib.suppress(ImageNotFound):  # a digest is removed with the last tag
                    # Parents are kept, because they are the classic builder's cache.
                    images.remove(name, force=True, noprune=True)


def _installed() -> Path:
    """Return the Python of ministack's venv, which is created if necessary."""
    folder = state_dir() / "ministack"
    python = folder / "bin" / "python"
    stamp = folder / "installed.txt"
    wanted = "\n".join(MINISTACK)
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(folder, clear=True, with_pip=True)
        run([*installer(python), *MINISTACK])
        stamp.write_text(wanted)
    return python


def _server_environment(port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    kept.pop("MINISTACK_HOSTNAME", None)  # `Cloud.containers` counts on the default
    # Without BIND_HOST it would listen on every interface.
    return {**kept, "BIND_HOST": LOOPBACK, "GATEWAY_PORT": str(port), "PYTHONUNBUFFERED": "1"}


def _client_environment(port: int) -> dict[str, str]:
    nowhere = str(state_dir() / "no-aws-config")
    return {
        "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
    }


def _healthy(cloud: Cloud) -> bool:
    try:
        status, _ = cloud.open(f"{cloud.endpoint_url}/_ministack/health", timeout=2)
    except OSError:
        return False
    return status == 200


def main() -> int:
    """Run a command with the emulator's environment, or only print it and wait."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int)
    parser.add_argument("command", nargs="*", help="without one: run until interrupted")
    options = parser.parse_args()
    try:
        with running_cloud(options.port) as cloud:
            if options.command:
                environment = cloud.environment()
                return subprocess.run(options.command, env=environment, check=False).returncode
            for name, value in cloud.env.items():
                print(f"export {name}={value}")
            print("# running until interrupted", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
    except CloudError as error:
        print(f"cloud: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
