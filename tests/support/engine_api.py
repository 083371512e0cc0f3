"""docker-py's low-level client, written by hand, and what the engine's tests share."""

import io
import tarfile
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from mldeploy.errors import ExitCode, MldeployError
from mldeploy.events import Event
from mldeploy.images.builder import Built, RepositoryTarget
from mldeploy.images.making import with_docker
from mldeploy.images.spec import ImageSpec
from mldeploy.images.trials import Trial
from mldeploy.text.digests import fingerprint

BASE = "public.ecr.aws/lambda/python:3.12"
SPEC = ImageSpec(
    project="demo",
    fingerprint=fingerprint({}, base=BASE, platform="linux/amd64"),
    platform="linux/amd64",
    base=BASE,
    python="3.12",
    files=(),
    labels=(
        ("mldeploy.model", "def"),
        ("mldeploy.project", "demo"),
        ("mldeploy.requirements", "abc"),
    ),
    trials=(Trial(memory=512),),
)
BUILT = Built("sha256:1", SPEC, 1000, "amd64")
CANARY = "canary-password"
TARGET = RepositoryTarget("x.example/demo", "AWS", CANARY)
DIGEST = "sha256:" + "d" * 64
PUSHED: list[dict[str, Any]] = [
    {"status": "Preparing", "id": "a"},
    {"status": "Layer already exists", "id": "a"},
    {"status": "Pushing", "id": "b", "progressDetail": {"current": 10, "total": 90}},
    {"status": "Pushing", "id": "b", "progressDetail": {"current": 95, "total": 90}},
    {"status": "Pushing", "id": "c", "progressDetail": {"current": 5}},
    {"status": "Pushed", "id": "b"},
    {"status": "Pushed", "id": "c"},
    {"status": "Mounted from other", "id": "e"},
    {"progressDetail": {}, "aux": {"Tag": "t", "Digest": DIGEST, "Size": 1}},
]


def tar_of(files: dict[str, bytes]) -> bytes:
    """Return a tar with these files."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
    return content.getvalue()


class FakeApi:
    """The calls of docker-py's APIClient that are used; `fail` names calls that raise.

    Attributes:
        params: what goes with every request, as in a session of requests.
        pushed_with: `params` as each push found them.
    """

    api_version = "1.41"

    def __init__(self, **fail: BaseException) -> None:
        self.fail = fail
        self.calls: list[tuple[str, Any]] = []
        self.there = False
        self.facts: dict[str, Any] = {"Id": "sha256:1", "Size": 1000, "Architecture": "amd64"}
        self.os = "linux"
        self.similar: list[Any] = []
        self.pulling: list[dict[str, Any]] = []
        self.building: list[dict[str, Any]] = [{"stream": "Step 1\n\nStep 2\n"}]
        self.pushing: Iterable[dict[str, Any]] = PUSHED
        self.past: list[Any] = []
        self.layers = [tar_of({"abc/layer.tar": tar_of({"hello": b"nothing here"})})]
        self.params: dict[str, str] = {}
        self.pushed_with: list[dict[str, str]] = []
        self.code, self.log = 0, b'[{"predictions": [], "problems": []}]\n'
        self.starved = False
        self.around: list[dict[str, Any]] = []

    def _call(self, name: str, given: Any = None) -> None:
        self.calls.append((name, given))
        if name in self.fail:
            raise self.fail[name]

    def named(self, name: str) -> list[Any]:
        return [given for called, given in self.calls if called == name]

    def info(self) -> dict[str, str]:
        self._call("info")
        return {"OSType": self.os}

    def inspect_image(self, reference: str) -> dict[str, Any]:
        from docker.errors import ImageNotFound

        self._call("inspect_image", reference)
        if not self.there:
            raise ImageNotFound("no such image", explanation="no such image")
        return self.facts

    def images(self, *, filters: dict[str, Any]) -> list[Any]:
        self._call("images", filters)
        return self.similar

    def pull(self, reference: str, **given: Any) -> Iterator[dict[str, Any]]:
        self._call("pull", (reference, given))
        return iter(self.pulling)

    def build(self, **given: Any) -> Iterator[dict[str, Any]]:
        self._call("build", given)
        self.there = not any("error" in event for event in self.building)
        return iter(self.building)

    def history(self, reference: str) -> list[Any]:
        self._call("history", reference)
        return self.past

    def get_image(self, reference: str) -> Iterator[bytes]:
        self._call("get_image", reference)
        return iter(self.layers)

    def remove_image(self, reference: str, **_given: Any) -> None:
        self._call("remove_image", reference)

    def tag(self, _image: str, uri: str, tag: str) -> None:
        self._call("tag", f"{uri}:{tag}")

    def push(self, _uri: str, _tag: str, **given: Any) -> Iterator[dict[str, Any]]:
        self._call("push", given["auth_config"])
        self.pushed_with.append(dict(self.params))
        return iter(self.pushing)

    def create_host_config(self, **given: Any) -> dict[str, Any]:
        return given

    def create_container(self, _image: str, **given: Any) -> dict[str, str]:
        self._call("create_container", given)
        return {"Id": "1"}

    def start(self, name: str) -> None:
        self._call("start", name)

    def wait(self, name: str) -> dict[str, int]:
        self._call("wait", name)
        return {"StatusCode": self.code}

    def kill(self, name: str) -> None:
        self._call("kill", name)

    def logs(self, name: str) -> bytes:
        self._call("logs", name)
        return self.log

    def inspect_container(self, name: str) -> dict[str, Any]:
        self._call("inspect_container", name)
        return {"State": {"OOMKilled": self.starved}}

    def containers(self, **given: Any) -> list[dict[str, Any]]:
        self._call("containers", given.get("filters"))
        return self.around

    def put_archive(self, name: str, path: str, archive: bytes) -> bool:
        self._call("put_archive", (name, path, archive))
        return True

    def remove_container(self, name: str, *, force: bool, v: bool) -> None:
        assert force
        assert v
        self._call("remove_container", name)


def api_error(text: str) -> BaseException:
    from docker.errors import APIError

    error: BaseException = APIError(
        f"500 Server Error for http+docker://x: ({text})", explanation=text
    )
    return error


def nothing(_event: Event) -> None:
    """Take an event and forget it."""


def build_fails(api: FakeApi, spec: ImageSpec = SPEC) -> MldeployError:
    with pytest.raises(MldeployError) as raised:
        with_docker(api).builder.build(spec, nothing)
    assert raised.value.exit_code == ExitCode.DOCKER
    return raised.value
