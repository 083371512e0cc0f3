"""Podman in the place of Docker: build, check, push, deploy, serve."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cloud import base_image
from tests.cloud.cloud import Cloud
from tests.cloud.state import CloudError
from tests.e2e.conftest import Cli, unavailable
from tests.support.podman import running_podman
from tests.support.served import payload, serving, tiny_project

NAME = "podman-test"
BASE = base_image.name_of(f"{sys.version_info.major}.{sys.version_info.minor}")
CONFIG = f"""\
[project]
name = "{NAME}"
[image]
base = "{BASE}"
dockerfile = "Dockerfile"
include = ["tiny.py", "helper.py"]
[functions.echo]
handler = "tiny:handle"
route = "ANY /echo/{{path+}}"
[api]
auth = "none"
"""
DOCKERFILE = """\
ARG BASE
FROM ${BASE} AS first
RUN echo made by a step > /tmp/made
FROM ${BASE}
COPY --from=first /tmp/made /var/task/made
COPY endpoint/ /var/task/endpoint/
COPY model/ /var/task/model/
COPY include/ /var/task/
"""


@pytest.fixture(scope="module")
def podman(engine: Any, cloud: Cloud) -> Iterator[str]:
    """Its address, with the base image at hand."""
    import docker

    try:
        with running_podman(f"127.0.0.1:{cloud.port}") as address:
            base = engine.images.get(BASE).save(named=BASE)
            docker.DockerClient(base_url=address, timeout=600).images.load(b"".join(base))
            yield address
    except CloudError as error:
        unavailable(error)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tiny_project(tmp_path_factory.mktemp("podman") / "tiny", CONFIG)
    (root / "Dockerfile").write_text(DOCKERFILE)
    return root


def test_podman_deploys(podman: str, project: Path, cli: Cli, cloud: Cloud) -> None:
    """What it built is checked, arrives as one manifest, and answers through the public URL."""
    ran = cli(project, "deploy", "--yes", "-o", "json", DOCKER_HOST=podman).ok()
    result = ran.json["result"]
    (image,) = cloud.images(f"mldeploy/{NAME}").values()
    (function,) = result["functions"]
    assert (image["imageDigest"], image["imageTags"]) == (function["digest"], [function["image"]])
    status, body = cloud.open(f"{result['url']}/echo/x", b"{}")
    assert (status, json.loads(body)["value"]) == (200, 1)


def test_podman_serves(podman: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its containers are asked on loopback, and gone after Ctrl-C."""
    import docker

    monkeypatch.setenv("DOCKER_HOST", podman)
    with serving(project, "--docker", "--port", "0") as served:
        answer = payload(served.ask("/echo/x"))
        assert answer.get("path") == "x", served.log.read_text()[-3000:]
        served.interrupt()
    assert docker.DockerClient(base_url=podman).containers.list(all=True) == []
