"""Reading and writing a repository, with whatever a registry may do meanwhile."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO, Any

import pytest

from mldeploy.errors import MldeployError
from mldeploy.http.blobs import Blob
from mldeploy.http.call import NoAnswerError
from mldeploy.http.registry import Registry as Client
from mldeploy.http.repository import Open, Repository
from mldeploy.http.streams import answered
from tests.support.registry_server import Registry, Trouble, digest, registry_server

CONTENT = os.urandom(300_000)
BLOB = Blob(digest(CONTENT), len(CONTENT))
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"


@pytest.fixture
def registry() -> Iterator[Registry]:
    with registry_server() as found:
        yield found


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def opened(registry: Registry, pauses: list[float]) -> Callable[..., Repository]:
    def repository(name: str = "team/iris", user: str = "AWS", password: str = "pw") -> Repository:  # noqa: S107
        return Repository(Client(registry.url, user, password, sleep=pauses.append), name)

    return repository


def content(given: bytes = CONTENT) -> Open:
    @contextmanager
    def stream() -> Iterator[IO[bytes]]:
        yield BytesIO(given)

    return stream


def read(repository: Repository, blob: Blob = BLOB) -> bytes:
    found = b""
    with repository.stream(blob) as stream:
        while chunk := stream.read(70_000):
            found += chunk
    return found


def test_a_blob_is_sent_once_and_read_back(
    registry: Registry, opened: Callable[..., Repository]
) -> None:
    """One PUT sends all of it; a repository that has it is sent nothing."""
    repository = opened()
    assert repository.upload(BLOB, content())
    assert registry.blobs["team/iris"] == {BLOB.digest: CONTENT}
    assert not repository.upload(BLOB, content())
    assert registry.sent == len(CONTENT)
    assert [method for method, _, _ in registry.log].count("PUT") == 1
    assert read(repository) == CONTENT


def test_a_blob_of_another_repository_is_mounted(
    registry: Registry, opened: Callable[..., Repository]
) -> None:
    """Where the registry holds it already, no byte of it is sent."""
    registry.blobs["base/python"] = {BLOB.digest: CONTENT}
    assert not opened().upload(BLOB, content(), mount="base/python")
    assert registry.blobs["team/iris"] == {BLOB.digest: CONTENT}
    assert registry.sent == 0


def test_a_mount_that_is_not_done_becomes_an_upload(
    registry: Registry, opened: Callable[..., Repository]
) -> None:
    """The specification lets a registry answer 202 instead of 201."""
    assert opened().upload(BLOB, content(), mount="base/python")
    assert registry.blobs["team/iris"] == {BLOB.digest: CONTENT}


def test_a_blob_goes_from_registry_to_registry_in_a_stream(
    registry: Registry, opened: Callable[..., Repository]
) -> None:
    """What is read of the one is what the other is sent."""
    registry.blobs["base/python"] = {BLOB.digest: CONTENT}
    source = opened("base/python")

    @contextmanager
    def streamed() -> Iterator[IO[bytes]]:
        with source.stream(BLOB) as stream:
            yield stream

    assert opened().upload(BLOB, streamed)
    assert registry.blobs["team/iris"] == {BLOB.digest: CONTENT}


@pytest.mark.parametrize(
    ("what", "pause"),
    [
        (Trouble(429, {"retry-after": "7"}), 7.0),
        (Trouble(429, {"retry-after": "3600"}), 30.0),
        (Trouble(503), 0.5),
        (Trouble(500), 0.5),
        (Trouble(breaks=True), 0.5),
        (Trouble(breaks=True, reads=0), 0.5),
    ],
    ids=["429", "429 for an hour", "503", "500", "cut", "cut before its body"],
)
@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT"])
def test_an_upload_that_fails_begins_anew(  # noqa: PLR0917 - fixtures
    method: str,
    what: Trouble,
    pause: float,
    registry: Registry,
    opened: Callable[..., Repository],
    pauses: list[float],
) -> None:
    """After the pause that the registry asks for, within bounds; the blob arrives whole."""
    registry.trouble(method, "/blobs/", what)
    assert opened().upload(BLOB, content())
    assert registry.blobs["team/iris"] == {BLOB.digest: CONTENT}
    assert pauses == [pause]


def test_a_proxy_that_cuts_uploads_in_their_middle(
    registry: Registry, opened: Callable[..., Repository], pauses: list[float]
) -> None:
    """Each time a little later; nothing of the halves is kept, and the last one is whole."""
    for reads in (1, 100_000, BLOB.size - 1):
        registry.trouble("PUT", "/blobs/", Trouble(breaks=True, reads=reads))
    assert opened().upload(BLOB, content())
    assert registry.blobs["team/iris"] == {BLOB.digest: CONTENT}
    assert registry.sent == BLOB.size
    assert pauses == [0.5, 1.0, 2.0]


def test_a_registry_that_always_fails_is_told(
    registry: Registry, opened: Callable[..., Repository], pauses: list[float]
) -> None:
    """The error has its words; the attempts are few."""
    for _ in range(20):
        registry.trouble("PUT", "/blobs/", Trouble(503, body=b"disk full"))
    with pytest.raises(MldeployError, match="503 disk full") as raised:
        opened().upload(BLOB, content())
    assert raised.value.code == "MLD358"
    assert len(pauses) == 4
    assert registry.blobs["team/iris"] == {}


def test_a_blob_that_arrives_with_another_digest_is_refused(
    registry: Registry, opened: Callable[..., Repository]
) -> None:
    """By us when it is read, by the registry when it is sent; nothing is kept of it."""
    registry.blobs["base/python"] = {BLOB.digest: CONTENT[:-1] + b"?"}
    with pytest.raises(MldeployError, match="another digest"):
        read(opened("base/python"))
    with pytest.raises(MldeployError, match="DIGEST_INVALID"):
        opened().upload(BLOB, content(b"x" * BLOB.size))
    assert registry.blobs["team/iris"] == {}


def test_a_body_that_ends_too_early_is_no_blob(
    registry: Registry, opened: Callable[..., Repository]
) -> None:
    """Content of fewer bytes than the manifest says has another digest."""
    registry.blobs["base/python"] = {BLOB.digest: CONTENT[:1000]}
    with pytest.raises(MldeployError, match="another digest"):
        read(opened("base/python"))


def test_a_token_is_asked_for_and_asked_for_again_when_it_ends(
    registry: Registry, opened: Callable[..., Repository]
) -> None:
    """An upload that is refused in the middle begins anew with a new token."""
    registry.bearer = True
    repository = opened()
    assert repository.upload(BLOB, content())
    registry.tokens.clear()
    registry.tokens.add("token-x")  # a number of its own
    other = Blob(digest(b"more"), 4)
    assert repository.upload(other, content(b"more"))
    registry.trouble(
        "PUT",
        "/blobs/",
        Trouble(401, {"www-authenticate": f'Bearer realm="{registry.url}/token"'}),
    )
    last = Blob(digest(b"last"), 4)
    assert repository.upload(last, content(b"last"))
    assert {other.digest, last.digest} <= registry.blobs["team/iris"].keys()


@pytest.mark.parametrize(
    ("user", "said"), [("AWS", "rejected the login of AWS"), ("", "docker login")]
)
def test_a_login_that_is_refused_is_told(
    user: str, said: str, registry: Registry, opened: Callable[..., Repository]
) -> None:
    """Who has logged in is told something else than who hasn't."""
    registry.bearer = True
    with pytest.raises(MldeployError) as raised:
        opened(user=user, password="wrong").has(BLOB.digest)
    assert raised.value.code == "MLD359"
    assert said in f"{raised.value.message} {raised.value.hint}"


def test_the_login_goes_to_no_other_host(opened: Callable[..., Repository]) -> None:
    """A registry sends downloads to a store, which gets no authorization."""
    with registry_server() as first, registry_server() as store:
        store.blobs["team/iris"] = {BLOB.digest: CONTENT}
        first.bearer = True
        seen: list[dict[str, str]] = []

        def watched(*given: Any, **named: Any) -> Any:
            seen.append(given[3])
            return answered(*given, **named)

        repository = Repository(Client(first.url, "AWS", "pw", send=watched), "team/iris")
        assert not repository.has("sha256:other")  # logs in
        seen.clear()
        place = f"http://localhost:{store.url.rpartition(':')[2]}/v2/team/iris/blobs/{BLOB.digest}"
        first.trouble("GET", BLOB.digest, Trouble(307, {"location": place}))
        assert read(repository) == CONTENT
    assert "authorization" in seen[0]
    assert "authorization" not in seen[1]


def test_manifests_come_by_tag_and_digest(
    registry: Registry, opened: Callable[..., Repository]
) -> None:
    """A manifest that isn't there is None; one that isn't what it is called is refused."""
    manifest = registry.put_image("team/iris", "1", [b"a layer"], DOCKER)
    repository = opened()
    assert repository.manifest("1") == (DOCKER, manifest)
    assert repository.manifest(digest(manifest)) == (DOCKER, manifest)
    assert repository.manifest("2") is None
    registry.manifests["team/iris"][digest(manifest)] = (DOCKER, b"{}")
    with pytest.raises(MldeployError, match="another digest"):
        repository.manifest(digest(manifest))


def test_a_manifest_of_missing_parts_is_refused(opened: Callable[..., Repository]) -> None:
    """So nothing refers to what isn't whole."""
    content_ = b'{"config": {"digest": "sha256:1"}, "layers": []}'
    with pytest.raises(MldeployError, match="MANIFEST_BLOB_UNKNOWN"):
        opened().put_manifest("1", DOCKER, content_)


def test_nobody_answers(opened: Callable[..., Repository], pauses: list[float]) -> None:
    """A registry that is gone is asked a few times."""
    repository = Repository(Client("http://127.0.0.1:9", sleep=pauses.append), "x")
    with pytest.raises(NoAnswerError) as raised:
        repository.has(BLOB.digest)
    assert len(pauses) == 4
    assert "mldeploy status" not in raised.value.hint
