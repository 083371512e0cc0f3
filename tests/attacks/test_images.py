"""Images in ECR that the project's own build didn't push: none of them gets a request.

Whoever may push to the repository can put anything under any tag. Each attack is tried with a
Docker engine at hand, where the deploy builds its own image, and without one, where it is refused.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mldeploy.cli.app import run
from mldeploy.config.file import load_config
from mldeploy.deployment import artifact_of_bundles
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.kept import Pushed
from tests.strict.aws import ACCOUNT, REGION, StrictAws
from tests.strict.images import OCI, manifest_of
from tests.support.account import approving
from tests.support.commands import Command, json_command
from tests.support.projects import CONFIG, write_bundle, write_project
from tests.support.runtime import Runtime
from tests.support.stacks import RegistryOnly
from tests.support.terminal import typing

REPOSITORY, DEV, PROD = "mldeploy/iris", "mldeploy_iris_dev_predict", "mldeploy_iris_prod_predict"
ADDRESS = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{REPOSITORY}"
OWN = '\n[stages.prod.image]\nrepository = "stage"\n'


class Machine(RegistryOnly):
    """A builder whose engine may be missing."""

    engine = True
    caches: list[str]

    def check(self, spec: Any) -> list[str]:
        if not self.engine:
            raise MldeployError(
                "MLD301", "no Docker engine answers", "start it", exit_code=ExitCode.DOCKER
            )
        return super().check(spec)

    def build(self, spec: Any, emit: Any, options: Any = None) -> Any:
        self.caches.append(options.cache[0] if options and options.cache else "")
        return super().build(spec, emit, options)


@dataclass
class Place:
    """A project, the account that it is deployed to, and the machine that deploys it."""

    aws: StrictAws
    root: Path
    command: Command
    runtime: Runtime
    builder: Machine
    patch: pytest.MonkeyPatch
    homes: list[Path]

    def elsewhere(self) -> None:
        """Go on at a machine that has pushed nothing."""
        self.homes.append(self.root.parent / f"home-{len(self.homes)}")
        self.patch.setenv("XDG_STATE_HOME", str(self.homes[-1]))

    def tag(self) -> str:
        """Return what a deploy would call its image."""
        (source,) = artifact_of_bundles(load_config(self.root)).sources
        return source.tag

    def put(self, tag: str, text: str, media_type: str, repository: str = REPOSITORY) -> str:
        """Push a manifest as anybody may who has the right to."""
        done = self.aws.client("ecr").put_image(
            repositoryName=repository,
            imageManifest=text,
            imageManifestMediaType=media_type,
            imageTag=tag,
        )
        return str(done["image"]["imageId"]["imageDigest"])

    def untag(self, tag: str) -> None:
        self.aws.client("ecr").batch_delete_image(
            repositoryName=REPOSITORY, imageIds=[{"imageTag": tag}]
        )

    def record(self, digest: str, **other: str) -> None:
        """Note that this machine has pushed a digest somewhere."""
        place = {"account": ACCOUNT, "region": REGION, "repository": REPOSITORY, **other}
        Pushed(**{"tag": self.tag(), **place}).record(digest)

    def digest_of(self, tag: str) -> str:
        (found,) = self.aws.client("ecr").describe_images(
            repositoryName=REPOSITORY, imageIds=[{"imageTag": tag}]
        )["imageDetails"]
        return str(found["imageDigest"])

    def served(self, name: str = DEV) -> str:
        """Return the digest of what an alias serves, or ""."""
        functions = self.aws.client("lambda")
        try:
            version = functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
        except ClientError:
            return ""
        code = functions.get_function(FunctionName=name, Qualifier=version)["Code"]
        return str(code["ResolvedImageUri"].rpartition("@")[2])


@pytest.fixture
def place(
    aws: StrictAws,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Place:
    """A project whose repository exists, at a machine that has pushed nothing."""
    runtime = Runtime(aws)
    aws.on_invoke(runtime.invoke)
    for module in ("endpoint", "resources.ecr_images", "resources.signatures"):
        monkeypatch.setattr(f"mldeploy.{module}.call", runtime.call)
    builder = Machine(aws.put_image)
    builder.caches = []
    monkeypatch.setattr("mldeploy.engine.DockerBuilder", lambda: builder)
    monkeypatch.setattr("mldeploy.aws.time.sleep", lambda _seconds: None)
    approving(monkeypatch)
    monkeypatch.chdir(write_project(tmp_path / "iris"))
    aws.client("ecr").create_repository(
        repositoryName=REPOSITORY,
        imageTagMutability="IMMUTABLE",
        tags=[{"Key": "mldeploy:project", "Value": "iris"}],
    )
    found = Place(aws, tmp_path / "iris", json_command(capsys), runtime, builder, monkeypatch, [])
    found.elsewhere()
    return found


def foreign(place: Place) -> str:
    """Put a foreign image under the tag that the next deploy looks for."""
    return place.put(place.tag(), *manifest_of("evil"))


def alone(place: Place) -> str:
    """Nothing but the tag speaks for it."""
    return foreign(place)


def other_layers(place: Place) -> str:
    """It has the configuration of our own image, which we have pushed, and other layers."""
    tag = place.tag()
    place.command("push")
    place.untag(tag)
    body = json.loads(manifest_of(tag)[0])
    body["layers"][0]["digest"] = "sha256:" + "e" * 64
    return place.put(tag, json.dumps(body), body["mediaType"])


def run_by_another_stage(place: Place) -> str:
    """A function of another stage runs it: who may change that isn't who may change this one."""
    tag, digest = place.tag(), foreign(place)
    code, envelope = place.command("deploy", "--stage", "prod", "--digest", digest)
    assert code == 0, envelope
    assert place.served(PROD) == digest
    assert place.digest_of(tag) == digest
    place.elsewhere()
    return digest


def recorded(**other: str) -> Callable[[Place], str]:
    """This machine has a record of it, but of another place."""

    def attack(place: Place) -> str:
        digest = foreign(place)
        place.record(digest, **other)
        return digest

    return attack


def record_by_others(place: Place) -> str:
    """The record says what it should, but others can write it."""
    digest = foreign(place)
    place.record(digest)
    for path in (place.homes[-1] / "mldeploy/pushed").iterdir():
        path.chmod(0o666)
    return digest


def record_by_link(place: Place) -> str:
    """The record is a link to somebody's file."""
    digest = foreign(place)
    place.record(digest)
    for path in (place.homes[-1] / "mldeploy/pushed").iterdir():
        theirs = place.root / "theirs"
        path.rename(theirs)
        path.symlink_to(theirs)
    return digest


def beside(place: Place) -> str:
    """Its tag says that it stands beside a foreign one, as ours would."""
    foreign(place)
    text, media_type = manifest_of("evil, too")
    digest = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    return place.put(f"{place.tag()}-{digest[7:19]}", text, media_type)


ATTACKS: dict[str, Callable[[Place], str]] = {
    "a tag alone": alone,
    "our configuration, other layers": other_layers,
    "run by another stage": run_by_another_stage,
    "recorded for another account": recorded(account="210987654321"),
    "recorded in another region": recorded(region="us-east-1"),
    "recorded in another repository": recorded(repository="mldeploy/roses"),
    "recorded under another tag": recorded(tag="b" * 32),
    "a record that others can write": record_by_others,
    "a record that is a link": record_by_link,
    "beside a foreign one": beside,
}
EACH = pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)


@EACH
def test_a_foreign_image_is_refused_where_none_can_be_built(
    place: Place, attack: Callable[[Place], str]
) -> None:
    """MLD318 with the digest and the ways out, and nothing was changed."""
    digest = attack(place)
    place.builder.engine = False
    before = place.aws.snapshot()
    place.aws.reset_calls()
    code, envelope = place.command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD318")
    assert "--digest" in envelope["error"]["hint"]
    assert place.aws.mutating_calls() == []
    assert place.aws.snapshot() == before
    assert place.served() != digest


@EACH
def test_a_foreign_image_is_not_what_a_deploy_serves(
    place: Place, attack: Callable[[Place], str]
) -> None:
    """The image is built anew and named beside the foreign one, which keeps its tag."""
    tag, digest = place.tag(), attack(place)
    kept = place.digest_of(tag)
    place.builder.caches.clear()
    code, envelope = place.command("deploy")
    assert code == 0, envelope
    ours = "sha256:" + hashlib.sha256(manifest_of(tag)[0].encode()).hexdigest()
    assert (place.served(), digest != ours) == (ours, True)
    assert place.digest_of(tag) == kept
    assert place.digest_of(f"{tag}-{ours[7:19]}") == ours
    assert not [one for one in place.builder.caches if digest in one]


def test_an_image_beside_a_foreign_one_is_found_again(place: Place) -> None:
    """By this machine's record, and by another one for the function runs it."""
    foreign(place)
    place.command("deploy")
    place.aws.reset_calls()
    for home in (None, place.elsewhere):  # a second machine sees what the function runs
        if home:
            home()
        code, envelope = place.command("deploy")
        assert (code, envelope["result"]["changes"]) == (0, []), envelope
    assert place.aws.mutating_calls() == []


def test_an_image_that_answers_its_own_examples_right_is_held_to_ours(place: Place) -> None:
    """It says that it has no problems; the bundle's rows are sent, and their answers compared."""
    tag = place.tag()
    place.runtime.lying.add(tag)
    code, envelope = place.command("deploy")
    assert (code, envelope["error"]["code"]) == (6, "MLD501")
    assert "golden example 0: value: expected 1.0, got 2.0" in envelope["error"]["message"]
    assert place.served() == ""
    assert place.runtime.asked == [[[1.0]]]


@pytest.mark.parametrize(
    "answer",
    [
        {"problems": []},
        {"problems": [], "predictions": []},
        {"problems": [], "predictions": [{}]},
        {"problems": [], "predictions": [{"value": 1}]},
        {"problems": [], "predictions": [{"value": 1.0}, {"value": 1.0}]},
        {"problems": [], "predictions": {"value": 1.0}},
        {"problems": None, "predictions": [{"value": 1.0}]},
        [],
        None,
        b"no JSON",
        b"[" * 100_000,
    ],
    ids=lambda one: str(one)[:40],
)
def test_no_other_answer_counts_as_right(place: Place, answer: Any) -> None:
    """Whatever shape it has."""
    place.aws.on_invoke(lambda _params: {"Payload": answer, "LogResult": ""})
    code, envelope = place.command("deploy")
    assert (code, envelope["error"]["code"]) == (6, "MLD501")
    assert place.served() == ""


def test_a_rollback_is_held_to_the_examples_of_its_release(place: Place) -> None:
    """This machine has kept them: the bundle is another one by then."""
    tag = place.tag()
    place.command("deploy")
    first = place.served()
    write_bundle(place.root / "model", "another", predictions=[{"value": 1.0 + 1e-9}])
    place.command("deploy")
    place.runtime.lying.add(tag)
    code, envelope = place.command("rollback")
    assert (code, envelope["error"]["code"]) == (6, "MLD501")
    place.runtime.lying.clear()
    assert place.command("rollback")[0] == 0
    assert place.served() == first


def test_a_rollback_without_examples_says_so(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another machine, with another bundle: the release has to start there, and no more."""
    place.command("deploy")
    write_bundle(place.root / "model", "another")
    place.command("deploy")
    place.elsewhere()
    from mldeploy.cli.app import run

    capsys.readouterr()
    assert run(["rollback"]) == 0
    assert "its answers weren't compared" in capsys.readouterr().err


def test_another_job_s_push_counts_by_its_digest(place: Place) -> None:
    """Push in one job, deploy in another without an engine: the digest is the proof."""
    _, pushed = place.command("push")
    digest = pushed["result"]["digest"]
    place.elsewhere()
    place.builder.engine = False
    assert place.command("deploy")[1]["error"]["code"] == "MLD318"
    for wrong in ("sha256:" + "0" * 64, "sha256:", digest[:-1], digest.upper(), ""):
        code, envelope = place.command("deploy", "--digest", wrong)
        assert (code, envelope["error"]["code"]) == (2, "MLD323"), wrong
    assert place.command("plan", "--digest", digest)[0] == 0
    code, envelope = place.command("deploy", "--digest", digest)
    assert code == 0, envelope
    assert place.served() == digest
    place.elsewhere()
    assert place.command("deploy")[1]["result"]["changes"] == []


def test_a_reviewed_plan_vouches_for_its_images(place: Place) -> None:
    """Who reviewed it agreed to the digests: another machine carries it out without an engine."""
    _, pushed = place.command("push")
    assert place.command("plan", "--out", "plan.json")[0] == 0
    place.elsewhere()
    place.builder.engine = False
    code, envelope = place.command("deploy", "--plan", "plan.json")
    assert code == 0, envelope
    assert place.served() == pushed["result"]["digest"]


def test_a_promotion_is_proved_or_a_person_s(place: Place) -> None:
    """What dev runs is dev's deployers' choice: elsewhere --yes isn't enough, the digest is."""
    place.command("deploy")
    digest = place.served()
    place.elsewhere()
    place.aws.reset_calls()
    for arguments in ((), ("--yes",), ("--digest", "sha256:" + "0" * 64)):
        code, envelope = place.command("promote", "dev", "prod", *arguments)
        assert (code, envelope["error"]["code"]) == (2, "MLD321")
        assert digest in envelope["error"]["message"]
    assert place.aws.mutating_calls() == []
    code, envelope = place.command("promote", "dev", "prod", "--digest", digest)
    assert code == 0, envelope
    assert place.served(PROD) == digest


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_person_sees_the_digest_before_a_promotion(
    place: Place, answer: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal the digest is shown and the answer counts."""
    place.command("deploy")
    digest = place.served()
    place.elsewhere()
    monkeypatch.delenv("MLDEPLOY_DEPLOY__APPROVE")
    place.aws.reset_calls()
    typing(monkeypatch, f"{answer}\n")
    assert run(["promote", "dev", "prod"]) == (0 if answer == "y" else 1)
    shown = capsys.readouterr().err
    assert f"Nothing proves that the project's build pushed {digest}" in shown
    if answer == "n":
        assert place.aws.mutating_calls() == []
    else:
        assert place.served(PROD) == digest


def test_a_stage_may_have_a_repository_of_its_own(place: Place) -> None:
    """What stands in the shared one decides nothing there; nor does a promotion bring it over."""
    (place.root / "mldeploy.toml").write_text(CONFIG + OWN)
    place.command("deploy")
    code, envelope = place.command("promote", "dev", "prod")
    assert (code, envelope["error"]["code"]) == (1, "MLD322")
    place.builder.engine = False
    assert place.command("deploy", "--stage", "prod")[1]["error"]["code"] == "MLD301"
    place.builder.engine = True
    code, envelope = place.command("deploy", "--stage", "prod")
    assert code == 0, envelope
    code = place.aws.client("lambda").get_function(FunctionName=PROD)["Code"]
    assert f"/{REPOSITORY}/prod@sha256:" in code["ResolvedImageUri"]
    assert place.command("deploy", "--stage", "prod")[1]["result"]["changes"] == []
    assert place.command("destroy", "--stage", "prod", "--yes")[0] == 0
    names = [
        one["repositoryName"]
        for one in place.aws.client("ecr").describe_repositories()["repositories"]
    ]
    assert names == [REPOSITORY]


# Signatures


@dataclass
class Signed:
    """A place whose images a key signs.

    Attributes:
        place: where.
        key: ARN of the key.
        tag: of the image that is deployed next.
    """

    place: Place
    key: str
    tag: str = ""

    def sign(self, text: bytes, key: str = "") -> str:
        """Sign a text as who has the right to."""
        done = self.place.aws.client("kms").sign(
            KeyId=key or self.key, Message=text, MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256"
        )
        return base64.b64encode(done["Signature"]).decode()

    def attach(self, digest: str, text: bytes, signature: str) -> None:
        """Put a signature beside an image, as anybody may who can push."""
        named = "sha256:" + hashlib.sha256(text).hexdigest()
        self.place.aws.state.blobs[named] = text.decode()
        layer = {
            "mediaType": "application/vnd.dev.cosign.simplesigning.v1+json",
            "size": len(text),
            "digest": named,
            "annotations": {"dev.cosignproject.cosign/signature": signature},
        }
        config = {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 2}
        body = {
            "schemaVersion": 2,
            "mediaType": OCI,
            "config": {**config, "digest": "sha256:" + "c" * 64},
            "layers": [layer],
        }
        self.place.put(f"sha256-{digest[7:]}.sig", json.dumps(body), OCI)


def key_of(aws: StrictAws) -> str:
    made = aws.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return str(made["KeyMetadata"]["Arn"])


@pytest.fixture
def signed(place: Place) -> Signed:
    """A project with a key."""
    key = key_of(place.aws)
    (place.root / "mldeploy.toml").write_text(f'{CONFIG}\n[sign]\nkey = "{key}"\n')
    return Signed(place, key)


def text_of(digest: str, tag: str, address: str = ADDRESS) -> bytes:
    """Return the text that says of an image what it is."""
    critical = {
        "identity": {"docker-reference": address},
        "image": {"docker-manifest-digest": digest},
        "type": "cosign container image signature",
    }
    return json.dumps({"critical": critical, "optional": {"mldeploy.tag": tag}}).encode()


def no_signature(_signed: Signed, _digest: str) -> None:
    """Nobody signed it."""


def by_another_key(signed: Signed, digest: str) -> None:
    text = text_of(digest, signed.tag)
    signed.attach(digest, text, signed.sign(text, key_of(signed.place.aws)))


def of_another_digest(signed: Signed, digest: str) -> None:
    text = text_of("sha256:" + "a" * 64, signed.tag)
    signed.attach(digest, text, signed.sign(text))


def for_another_repository(signed: Signed, digest: str) -> None:
    text = text_of(digest, signed.tag, ADDRESS.replace("iris", "roses"))
    signed.attach(digest, text, signed.sign(text))


def as_another_release(signed: Signed, digest: str) -> None:
    """An old image of ours, with a hole that was closed since."""
    text = text_of(digest, "b" * 32)
    signed.attach(digest, text, signed.sign(text))


def another_text(signed: Signed, digest: str) -> None:
    """The signature is the key's, of something else."""
    signed.attach(digest, text_of(digest, signed.tag), signed.sign(b"{}"))


def no_base64(signed: Signed, digest: str) -> None:
    signed.attach(digest, text_of(digest, signed.tag), "☃")


def no_text(signed: Signed, digest: str) -> None:
    signed.attach(digest, b"[]", signed.sign(b"[]"))


FORGERIES = [
    *(no_signature, by_another_key, of_another_digest, for_another_repository),
    *(as_another_release, another_text, no_base64, no_text),
]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda one: one.__name__)
def test_an_image_without_the_key_s_signature_is_refused(
    signed: Signed, forge: Callable[[Signed, str], None]
) -> None:
    """Neither this machine's record nor a named digest stands for it."""
    place = signed.place
    signed.tag = place.tag()
    digest = foreign(place)
    forge(signed, digest)
    place.record(digest)
    place.builder.engine = False
    for arguments, refused in (((), "MLD318"), (("--digest", digest), "MLD323")):
        assert place.command("deploy", *arguments)[1]["error"]["code"] == refused
    assert place.served() == ""
    place.builder.engine = True
    code, envelope = place.command("deploy")
    assert code == 0, envelope
    assert place.served() not in {"", digest}


def test_a_signature_is_one_that_others_can_verify(signed: Signed) -> None:
    """By the key's public half and the text in ECR alone; cosign reads these places."""
    place = signed.place
    code, envelope = place.command("deploy")
    assert code == 0, envelope
    digest = place.served()
    (found,) = place.aws.client("ecr").batch_get_image(
        repositoryName=REPOSITORY, imageIds=[{"imageTag": f"sha256-{digest[7:]}.sig"}]
    )["images"]
    (layer,) = json.loads(found["imageManifest"])["layers"]
    assert layer["mediaType"] == "application/vnd.dev.cosign.simplesigning.v1+json"
    text = place.aws.state.blobs[layer["digest"]].encode()
    assert layer["digest"] == "sha256:" + hashlib.sha256(text).hexdigest()
    critical = json.loads(text)["critical"]
    assert critical["image"]["docker-manifest-digest"] == digest
    assert critical["identity"]["docker-reference"] == ADDRESS
    der = place.aws.client("kms").get_public_key(KeyId=signed.key)["PublicKey"]
    public = load_der_public_key(der)
    assert isinstance(public, EllipticCurvePublicKey)
    signature = base64.b64decode(layer["annotations"]["dev.cosignproject.cosign/signature"])
    public.verify(signature, text, ECDSA(SHA256()))
    with pytest.raises(InvalidSignature):
        public.verify(signature, text + b" ", ECDSA(SHA256()))


def test_a_signed_image_is_deployed_from_anywhere(signed: Signed) -> None:
    """The signature is proof enough for a machine without a record, an engine or a digest.

    Pruning leaves it beside its image.
    """
    place = signed.place
    place.patch.setattr("mldeploy.prune.YOUNG", timedelta(seconds=-1))
    _, pushed = place.command("push")
    place.elsewhere()
    place.builder.engine = False
    code, envelope = place.command("deploy")
    assert code == 0, envelope
    assert place.served() == pushed["result"]["digest"]
    place.aws.reset_calls()
    assert place.command("deploy")[1]["result"]["changes"] == []
    assert place.aws.mutating_calls() == []


def test_an_image_from_before_the_key_is_signed_by_the_next_deploy(place: Place) -> None:
    """It is built again, which gives the same, and signed; until then nothing serves it anew."""
    place.command("deploy")
    first = place.served()
    write_bundle(place.root / "model", "another")
    place.command("deploy")
    key = key_of(place.aws)
    (place.root / "mldeploy.toml").write_text(f'{CONFIG}\n[sign]\nkey = "{key}"\n')
    code, envelope = place.command("rollback")
    assert (code, envelope["error"]["code"]) == (1, "MLD319")
    assert first in envelope["error"]["message"]
    second = place.served()
    code, envelope = place.command("deploy")
    assert code == 0, envelope
    assert place.served() == second
    assert place.command("deploy")[1]["result"]["changes"] == []


def test_a_key_that_can_not_sign_is_told(place: Place) -> None:
    """MLD320 with KMS's own words."""
    made = place.aws.client("kms").create_key(KeySpec="SYMMETRIC_DEFAULT")
    key = made["KeyMetadata"]["Arn"]
    (place.root / "mldeploy.toml").write_text(f'{CONFIG}\n[sign]\nkey = "{key}"\n')
    code, envelope = place.command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD320")
    assert place.served() == ""
