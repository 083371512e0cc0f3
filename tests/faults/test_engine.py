"""What goes wrong between the bundle and ECR: Lambda never hears of an image that isn't proved."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from requests.exceptions import ChunkedEncodingError
from requests.exceptions import ConnectionError as Broken

from mldeploy.images.making import with_docker
from tests.faults.chain import served
from tests.faults.engines import Engine
from tests.faults.operations import BY_NAME
from tests.faults.world import Outcome, World
from tests.strict.calls import Call, Crash
from tests.strict.images import MANIFEST
from tests.support.engine_api import DIGEST, PUSHED, api_error
from tests.support.projects import write_bundle

NEW_MODEL = BY_NAME["new model"]
OF_LAMBDA = {"CreateFunction", "UpdateFunctionCode", "PublishVersion", "UpdateAlias"}


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
    engine.log = json.dumps([{"problems": ["UnpicklingError: pickle data was truncated"]}]).encode()


def another_arrives(engine: Engine) -> None:
    """Let another image come out at the registry than was built and pushed."""
    engine.tells = DIGEST
    engine.image_id = lambda: "sha256:" + "e" * 64  # type: ignore[method-assign]


def foreign_index(engine: Engine) -> None:
    """Let it push an index for another platform alone."""
    engine.makes, engine.platform = "index", "arm64"


DIED, GONE = Broken("Remote end closed connection"), Broken("Connection refused")
FULL = "write /var/lib/docker/tmp/x: no space left on device"
CUT = "write tcp 10.0.0.1:5->10.0.0.2:443: write: connection reset by peer"
FAULTS: dict[str, tuple[Callable[[Engine], object], int, str, str]] = {
    "no engine": (lambda e: e.fail.update(info=ConnectionError("refused")), 5, "MLD301", "engine"),
    "the engine's disk is full in a build": (
        lambda e: setattr(e, "building", [{"stream": "Step 1"}, {"error": FULL}]),
        5, "MLD302", "free disk space of the engine"),
    "the engine's disk is full at the check": (
        lambda e: e.fail.update(create_container=api_error(FULL)),
        5, "MLD301", "free disk space of the engine"),
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
    "nothing arrives": (
        lambda e: setattr(e, "pushing", PUSHED[:-1]), 1, "MLD413", "ECR had nothing"),
    "ECR has another image": (another_arrives, 1, "MLD413", DIGEST),
    "an index without our platform": (
        foreign_index, 1, "MLD414", "none of which is for linux/amd64"),
    "another architecture": (
        lambda e: e.facts.update(Architecture="arm64"), 5, "MLD303", "arm64"),
    "the model is corrupt": (corrupt, 5, "MLD305", "pickle data was truncated"),
}  # fmt: skip


class Deploy:
    """Deploys a new model through an engine, over one that is served."""

    def __init__(self, where: World) -> None:
        self.where = where
        where.begin(NEW_MODEL)
        self.before = served(where.aws)
        self.engine = Engine(where)
        self._registry = self.engine.registry

    def take(self) -> Outcome:
        self.where.aws.reset_calls()
        with self.where.reaching(
            making=lambda _builder: with_docker(self.engine, self._registry.send)
        ):
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
        tags = {one["imageDigest"]: one.get("imageTags") for one in found}
        assert tags[met.digest] == [self.engine.fingerprint]
        assert len([some for some in tags.values() if some]) == 2


@pytest.fixture
def deploy(where: World) -> Deploy:
    return Deploy(where)


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


def under_the_tag(deploy: Deploy, makes: str) -> None:
    """Leave under the release's tag what an engine pushed past mldeploy, or an older one."""
    left = Engine(deploy.where, makes)
    with suppress(KeyboardInterrupt):
        left.while_building = lambda: left.put("mldeploy/iris", left.fingerprint)
        deploy.engine = left
        left.pushing = dies()
        deploy.take()
    deploy.where.aws.reset_calls()


@pytest.mark.parametrize("makes", ["index", "mixed", "mixed index"])
def test_what_lambda_refuses_under_the_release_s_tag_is_replaced(
    deploy: Deploy, makes: str
) -> None:
    """A run of an older mldeploy died there: its tag doesn't count as an image that is there."""
    under_the_tag(deploy, makes)
    assert served(deploy.where.aws) == deploy.before
    deploy.assert_mended()


@pytest.mark.parametrize("tells", ["", None, DIGEST])
@pytest.mark.parametrize("makes", ["docker", "mixed", "index", "mixed index"])
def test_what_an_engine_pushes_is_mended(deploy: Deploy, makes: str, tells: str | None) -> None:
    """Lambda gets one consistent manifest, whatever digest the engine tells; no tag is left."""
    deploy.engine.makes, deploy.engine.tells = makes, tells
    named: list[str] = []
    deploy.where.aws.watch = lambda call: named.append(media_type_of(call))
    outcome = deploy.take()
    deploy.where.aws.watch = None
    assert outcome.code == 0, outcome.error
    assert {one for one in named if one} == {MANIFEST}
    (met,) = served(deploy.where.aws).values()
    ecr = deploy.where.aws.client("ecr")
    found = ecr.describe_images(repositoryName="mldeploy/iris")["imageDetails"]
    tags = {one["imageDigest"]: one.get("imageTags", []) for one in found}
    assert tags[met.digest] == [deploy.engine.fingerprint]
    assert not [
        tag for some in tags.values() for tag in some if len(tag) != len(tags[met.digest][0])
    ]
    assert deploy.take().envelope["result"]["changes"] == []


def media_type_of(call: Call) -> str:
    """Return the type of a manifest that the program puts."""
    return str(call.params["imageManifestMediaType"]) if call.name == "ecr:PutImage" else ""


STEPS = [
    (name, when)
    for name in ("ecr:PutImage", "ecr:BatchDeleteImage")
    for when in ("before", "after", "lost")
]


@pytest.mark.parametrize(("name", "when"), STEPS)
def test_a_death_between_push_and_tag_is_finished_by_the_next_deploy(
    deploy: Deploy, name: str, when: str
) -> None:
    """Around each call that mends: the same command ends with the release's tag, and no other."""
    deploy.engine.makes = "mixed"
    deploy.where.aws.around = crash_at(deploy, name, when)
    died = True
    with suppress(Crash):
        died = bool(deploy.take().code)
    assert died == (when != "lost")
    deploy.where.aws.around = None
    deploy.where.aws.crash_never()
    assert deploy.take().code == 0
    (met,) = served(deploy.where.aws).values()
    ecr = deploy.where.aws.client("ecr")
    found = ecr.describe_images(repositoryName="mldeploy/iris")["imageDetails"]
    tags = {one["imageDigest"]: one.get("imageTags", []) for one in found}
    assert tags[met.digest] == [deploy.engine.fingerprint]


def crash_at(deploy: Deploy, name: str, when: str) -> Callable[[Call], None]:
    """Return what dies at the first call of this name, once."""
    aws, met = deploy.where.aws, list[Call]()

    def due(call: Call) -> None:
        if call.name == name and not met:
            met.append(call)
            aws.crash_at(1, when)

    return due


def test_a_bundle_that_changes_during_the_build_is_not_what_is_deployed(deploy: Deploy) -> None:
    """The context was read and held to the fingerprint: what is trained meanwhile is the next."""
    folder = deploy.where.root / "model"
    deploy.engine.while_building = lambda: write_bundle(folder, "trained meanwhile")
    outcome = deploy.take()
    assert outcome.code == 0, outcome.error
    (met,) = served(deploy.where.aws).values()
    labels = deploy.engine.labels
    ecr = deploy.where.aws.client("ecr")
    image = {"imageTag": labels["mldeploy.fingerprint"]}
    found = ecr.describe_images(repositoryName="mldeploy/iris", imageIds=[image])
    assert found["imageDetails"][0]["imageDigest"] == met.digest
