"""What goes wrong between the bundle and ECR: Lambda never hears of an image that isn't proved."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from requests.exceptions import ChunkedEncodingError
from requests.exceptions import ConnectionError as Broken

from mldeploy.engine.builder import DockerBuilder
from tests.faults.chain import served
from tests.faults.operations import BY_NAME
from tests.faults.world import Outcome, World
from tests.strict.images import INDEX, manifest_of
from tests.support.projects import write_bundle
from tests.unit.engine_api import DIGEST, PUSHED, FakeApi, api_error

NEW_MODEL = BY_NAME["new model"]
OF_LAMBDA = {"CreateFunction", "UpdateFunctionCode", "PublishVersion", "UpdateAlias"}


class Engine(FakeApi):
    """An engine whose pushes arrive in the emulated ECR.

    Attributes:
        where: the world with that ECR.
        index: whether it pushes an index of manifests.
        tells: the digest that it reports; the true one if "".
        while_building: is called once the context has been read.
    """

    def __init__(self, where: World) -> None:
        super().__init__()
        self.where = where
        self.index = False
        self.tells = ""
        self.while_building: Callable[[], object] = lambda: None
        self.labels: dict[str, str] = {}

    def build(self, **given: Any) -> Iterator[dict[str, Any]]:
        given["fileobj"].read()
        self.labels = given["labels"]
        self.while_building()
        return super().build(**given)

    def push(self, _uri: str, _tag: str, **given: Any) -> Iterator[dict[str, Any]]:
        for event in super().push(_uri, _tag, **given):
            if "aux" in event:
                digest = self.put(_uri.partition("/")[2], _tag)
                yield {"aux": {"Digest": self.tells or digest}}
            else:
                yield event

    def put(self, repository: str, tag: str) -> str:
        """Put what was built into ECR; return its digest."""
        if not self.index:
            return self.where.aws.put_image(repository, tag, tag, self.labels)
        text, media_type = manifest_of(tag, INDEX)
        done = self.where.aws.client("ecr").put_image(
            repositoryName=repository,
            imageManifest=text,
            imageManifestMediaType=media_type,
            imageTag=tag,
        )
        return str(done["image"]["imageId"]["imageDigest"])


def dies(*events: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Stream some events; then the connection breaks, as requests tells it."""
    yield from events
    raise ChunkedEncodingError("Connection broken: IncompleteRead(0 bytes read)")


def dies_pushing(engine: Engine) -> None:
    """Let it take no call any more, once a push has begun."""
    engine.pushing = dies(*PUSHED[:4])
    engine.fail.update(remove_image=GONE)


def full_disk(patch: pytest.MonkeyPatch) -> None:
    """Let temporary files have no room."""
    patch.setattr("tempfile.TemporaryFile", lambda: open("/dev/full", "w+b"))  # noqa: PTH123, SIM115


def corrupt(engine: Engine) -> None:
    """Let the image's check say what unpickling a damaged model says."""
    engine.code = 1
    engine.log = json.dumps({"problems": ["UnpicklingError: pickle data was truncated"]}).encode()


DIED, GONE = Broken("Remote end closed connection"), Broken("Connection refused")
FULL = "write /var/lib/docker/tmp/x: no space left on device"
CUT = "write tcp 10.0.0.1:5->10.0.0.2:443: write: connection reset by peer"
FAULTS: dict[str, tuple[Callable[[Engine], object], int, str, str]] = {
    "no engine": (lambda e: e.fail.update(info=ConnectionError("refused")), 5, "MLD301", "engine"),
    "the engine's disk is full in a build": (
        lambda e: setattr(e, "building", [{"stream": "Step 1"}, {"error": FULL}]),
        5, "MLD302", "the engine's disk is full"),
    "the engine's disk is full at the check": (
        lambda e: e.fail.update(create_container=api_error(FULL)),
        5, "MLD301", "the engine's disk is full"),
    "the engine dies in a build": (
        lambda e: setattr(e, "building", dies({"stream": "Step 1"})),
        5, "MLD301", "connection to the Docker engine broke"),
    "the engine dies in the check": (
        lambda e: e.fail.update(wait=DIED, remove_container=GONE),
        5, "MLD301", "connection to the Docker engine broke"),
    "the engine dies in a push": (
        dies_pushing,
        5, "MLD301", "connection to the Docker engine broke"),
    "a proxy cuts the upload": (
        lambda e: setattr(e, "pushing", [*PUSHED[:4], {"error": CUT}]),
        5, "MLD306", "connection broke"),
    "the push ends without a digest": (
        lambda e: setattr(e, "pushing", PUSHED[:-1]), 5, "MLD306", "no digest"),
    "ECR has another digest": (lambda e: setattr(e, "tells", DIGEST), 1, "MLD413", DIGEST),
    "an index": (lambda e: setattr(e, "index", True), 1, "MLD414", "index of several manifests"),
    "another architecture": (
        lambda e: e.facts.update(Architecture="arm64"), 5, "MLD303", "arm64"),
    "the model is corrupt": (corrupt, 5, "MLD305", "pickle data was truncated"),
}  # fmt: skip


class Deploy:
    """Deploys a new model through an engine, over one that is served."""

    def __init__(self, where: World, patch: pytest.MonkeyPatch) -> None:
        self.where, self._patch = where, patch
        where.begin(NEW_MODEL)
        self.before = served(where.aws)
        self.engine = Engine(where)
        patch.setattr("mldeploy.engine.DockerBuilder", lambda: DockerBuilder(self.engine))

    def take(self) -> Outcome:
        self.where.aws.reset_calls()
        return self.where.take(NEW_MODEL.step)

    def assert_refused(self, outcome: Outcome, exit_code: int, code: str, text: str) -> None:
        """The cause is named, Lambda wasn't called, and what was served is served."""
        error = outcome.error
        assert (outcome.code, error["code"]) == (exit_code, code)
        assert text in json.dumps(error)
        assert not OF_LAMBDA & set(self.where.aws.mutating_calls())
        assert served(self.where.aws) == self.before

    def assert_mended(self) -> None:
        """The same command succeeds; what runs is ECR's digest of the fingerprint."""
        self.engine = Engine(self.where)
        outcome = self.take()
        assert outcome.code == 0, outcome.error
        (met,) = served(self.where.aws).values()
        (before,) = self.before.values()
        assert met.digest != before.digest
        ecr = self.where.aws.client("ecr")
        found = ecr.describe_images(repositoryName="mldeploy/iris")["imageDetails"]
        tags = {one["imageDigest"]: one["imageTags"] for one in found}
        (called,) = self.engine.named("tag")
        assert tags[met.digest] == [called.rpartition(":")[2]]
        assert len(found) == 2


@pytest.fixture
def deploy(where: World, monkeypatch: pytest.MonkeyPatch) -> Deploy:
    return Deploy(where, monkeypatch)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_image_never_reaches_lambda(deploy: Deploy, fault: str) -> None:
    """The message names the cause, the old release stays, and the same command then succeeds."""
    arrange, exit_code, code, text = FAULTS[fault]
    arrange(deploy.engine)
    deploy.assert_refused(deploy.take(), exit_code, code, text)
    deploy.assert_mended()


def test_a_full_disk_of_this_machine_is_named(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The build's context has no room: what isn't done is said, as with every failure."""
    with monkeypatch.context() as patch:
        full_disk(patch)
        outcome = deploy.take()
    deploy.assert_refused(outcome, 1, "MLD620", "No space left")
    assert "not done" in json.dumps(outcome.error)
    deploy.assert_mended()


def test_an_index_that_a_dead_run_left_is_replaced(deploy: Deploy) -> None:
    """It died between push and proof; its tag doesn't count as an image that is there."""
    deploy.engine.index = True
    original = deploy.engine.put

    def put_and_die(repository: str, tag: str) -> str:
        original(repository, tag)
        raise KeyboardInterrupt

    deploy.engine.put = put_and_die  # type: ignore[method-assign]
    outcome = deploy.take()
    assert outcome.code == 130
    assert served(deploy.where.aws) == deploy.before
    deploy.assert_mended()


def test_a_bundle_that_changes_during_the_build_is_not_what_is_deployed(deploy: Deploy) -> None:
    """The context was read and held to the fingerprint: what is trained meanwhile is the next."""
    folder = deploy.where.root / "model"
    deploy.engine.while_building = lambda: write_bundle(folder, "trained meanwhile")
    outcome = deploy.take()
    assert outcome.code == 0, outcome.error
    (met,) = served(deploy.where.aws).values()
    (called,) = deploy.engine.named("tag")
    labels = deploy.engine.labels
    assert called.rpartition(":")[2] == labels["mldeploy.fingerprint"]
    ecr = deploy.where.aws.client("ecr")
    image = {"imageTag": labels["mldeploy.fingerprint"]}
    found = ecr.describe_images(repositoryName="mldeploy/iris", imageIds=[image])
    assert found["imageDetails"][0]["imageDigest"] == met.digest
