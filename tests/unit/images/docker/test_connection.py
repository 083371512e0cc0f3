"""An engine that can't be had, in a user's words."""

import hashlib
import json
import socket
import threading
from pathlib import Path

import pytest
from urllib3.exceptions import ProtocolError

from mldeploy.errors import ExitCode, MldeployError
from mldeploy.images.docker import DockerBuilder
from mldeploy.images.docker.errors import engine_error
from mldeploy.images.docker.trial import try_out
from mldeploy.images.making import with_docker
from mldeploy.images.trials import Trial
from tests.support.engine_api import BUILT, SPEC, FakeApi, api_error, nothing

DOCKER_PY = ("Error while fetching", "HTTPConnectionPool", "http+docker", "urllib3", "Errno")


def refused() -> MldeployError:
    with pytest.raises(MldeployError) as raised:
        DockerBuilder().check(SPEC)
    error = raised.value
    assert (error.code, error.exit_code) == ("MLD301", ExitCode.DOCKER)
    assert not [words for words in DOCKER_PY if words in f"{error.message}{error.hint}"]
    return error


@pytest.mark.parametrize(
    "host",
    [
        "unix:///nowhere.sock",
        "tcp://127.0.0.1:1",
        "tcp://127.0.0.1:abc",
        "tcp://nowhere.invalid:2375",
        "foo://x",
        "npipe:////./pipe/x",
    ],
)
def test_a_wrong_docker_host_is_named(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that isn't an address at all."""
    monkeypatch.setenv("DOCKER_HOST", host)
    error = refused()
    assert f"DOCKER_HOST={host}" in error.message
    assert "unset" in error.hint


def test_no_engine_at_all_says_how_to_start_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody named an address, so there is none to mend."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    error = engine_error(FileNotFoundError(2, "No such file or directory"))
    assert error.message == "no Docker engine answers"
    assert "start Docker" in error.hint


def test_a_socket_of_other_users_names_the_group() -> None:
    """The engine is there, so starting one is no advice."""
    error = engine_error(PermissionError(13, "Permission denied"))
    assert "this user may not use the Docker engine" in error.message
    assert "group `docker`" in error.hint


def test_an_engine_that_hangs_up_is_told_from_a_missing_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody listens at the socket, and closes it."""
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()

        def hang_up() -> None:
            for _ in range(8):
                try:
                    server.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=hang_up, daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        assert "broke" in refused().message


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (TimeoutError("Read timed out."), "doesn't answer"),
        (ConnectionResetError(104, "Connection reset by peer"), "connection"),
        (ProtocolError("Connection broken: InvalidChunkLength(got length b'')"), "broke"),
        (ProtocolError("Response ended prematurely"), "broke"),
    ],
)
@pytest.mark.parametrize("call", ["info", "build"])
def test_a_connection_that_breaks_later_is_the_engine_s_error(
    error: Exception, says: str, call: str
) -> None:
    """MLD301, in whichever call."""
    from requests.exceptions import ConnectionError as Broken

    with pytest.raises(MldeployError) as raised:
        with_docker(FakeApi(**{call: Broken(error)})).builder.build(SPEC, nothing)
    assert raised.value.code == "MLD301"
    assert says in raised.value.message


def test_what_a_living_engine_says_is_passed_on() -> None:
    """Its own words, without docker-py's around them."""
    with pytest.raises(MldeployError) as raised:
        DockerBuilder(FakeApi(info=api_error("disk is gone"))).check(SPEC)
    assert raised.value.message == "the Docker engine says: disk is gone"


def test_a_check_that_takes_too_long_is_ended() -> None:
    """The container is killed, and the outcome says that time was up."""
    killed = threading.Event()

    class Slow(FakeApi):
        def wait(self, name: str) -> dict[str, int]:
            assert killed.wait(10)
            return super().wait(name)

        def kill(self, name: str) -> None:
            super().kill(name)
            killed.set()

    api = Slow()
    outcome = try_out(api, BUILT, Trial(), seconds=0.01)
    assert outcome.killed == "time"
    assert len(api.named("kill")) == len(api.named("remove_container")) == 1


@pytest.fixture
def failing_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    config = tmp_path / "config.json"
    config.write_text('{"credsStore": "that-does-not-exist"}')
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return config


def test_a_credential_store_that_fails_does_not_stop_a_build(failing_store: Path) -> None:
    """Docker-py would ask it for every login there is; the user's file stays as it is."""
    before = failing_store.read_bytes()

    class Reloading(FakeApi):
        def reload_config(self, path: str) -> None:
            self._call("reload_config", Path(path).read_text())

    api = Reloading()
    with_docker(api).builder.build(SPEC, nothing)
    (content,) = api.named("reload_config")
    assert "auths" in content
    assert failing_store.read_bytes() == before


def contexts(folder: Path, **settings: str) -> None:
    """Write Docker's settings, with one context whose engine isn't there."""
    (folder / "config.json").write_text(json.dumps(settings))
    meta = folder / "contexts" / "meta" / hashlib.sha256(b"mine").hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    endpoint = {"Host": f"unix://{folder}/mine.sock", "SkipTLSVerify": False}
    meta.write_text(json.dumps({"Name": "mine", "Metadata": {}, "Endpoints": {"docker": endpoint}}))


@pytest.mark.parametrize("way", ["DOCKER_CONTEXT", "currentContext"])
def test_a_context_that_does_not_exist_is_an_error(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docker-py would take the machine's own engine, which may be quite another one."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    contexts(tmp_path, **({"currentContext": "gone"} if way == "currentContext" else {}))
    if way == "DOCKER_CONTEXT":
        monkeypatch.setenv("DOCKER_CONTEXT", "gone")
    with pytest.raises(MldeployError) as raised:
        DockerBuilder().check(SPEC)
    error = raised.value
    assert (error.code, error.exit_code) == ("MLD316", ExitCode.DOCKER)
    assert "gone" in error.message
    assert "docker context ls" in error.hint


def test_a_context_that_exists_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its engine isn't there, and no other one is asked instead; DOCKER_HOST comes first."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONTEXT", "mine")
    contexts(tmp_path)
    refused()
    monkeypatch.setenv("DOCKER_CONTEXT", "gone")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    assert "unix:///nowhere.sock" in refused().message


def test_limits_that_podman_cannot_raise_are_named() -> None:
    """Podman 4.3 asks for more open files than a container without CAP_SYS_RESOURCE may have."""
    said = "runc: error setting rlimit type 7: operation not permitted: OCI permission denied"
    with pytest.raises(MldeployError) as raised:
        with_docker(FakeApi(start=api_error(said))).builder.build(SPEC, nothing)
    assert "containers.conf" in raised.value.hint
