"""With `[sign] key` an image is deployed only if that key signed it, as what it is.

Whoever may push can put a signature beside any image. Good ones are verified by a library that has
nothing to do with ours.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.strict.aws import StrictAws
from tests.strict.images import OCI
from tests.support.commands import REACH, two_hours_later
from tests.support.places import ADDRESS, REPOSITORY, Place, foreign
from tests.support.projects import CONFIG, write_bundle


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
    REACH(now=two_hours_later)
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
