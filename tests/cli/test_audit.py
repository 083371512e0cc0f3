"""What an image holds, what is known against it, and what a release changed: on strict AWS."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from moto.backends import get_backend

from mldeploy.config.file import load_config
from mldeploy.images.attachments import Document, Subject, manifest_of
from mldeploy.images.documents import documents_of
from mldeploy.images.sbom import MEDIA_TYPE
from mldeploy.images.spec import image_spec
from mldeploy.model.bundle import load_bundle
from tests.strict.aws import StrictAws
from tests.strict.calls import ACCOUNT, REGION
from tests.strict.images import INDEX, OCI
from tests.support.commands import Command
from tests.support.projects import write_bundle
from tests.support.registry_api import digest_of

NAMED = {"repositoryName": "mldeploy/iris"}


def pushed(aws: StrictAws, project: Path) -> tuple[str, Document]:
    """Return the digest of the bundle's image, and its bill."""
    config = load_config(project, environ={})
    spec = image_spec(config, load_bundle(config.bundle))
    wanted = [{"imageTag": spec.fingerprint}]
    (image,) = aws.client("ecr").describe_images(**NAMED, imageIds=wanted)["imageDetails"]
    return image["imageDigest"], documents_of(spec, image["imageDigest"])[0]


def put_bill(aws: StrictAws, digest: str, bill: Document, *, index: bool = False) -> None:
    """Store a bill beside its image, as a registry has it after `attach`."""
    ecr = aws.client("ecr")
    aws.state.blobs[digest_of(bill.content)] = bill.content.decode()
    manifest = manifest_of(bill, Subject(digest, "x", 1)).decode()
    ecr.put_image(**NAMED, imageManifest=manifest, imageManifestMediaType=OCI)
    if index:
        body = json.dumps({"manifests": [{"digest": digest_of(manifest.encode())}]})
        tag = digest.replace(":", "-")
        ecr.put_image(**NAMED, imageManifest=body, imageManifestMediaType=INDEX, imageTag=tag)


def scanned(digest: str, *severities: str, status: str = "COMPLETE") -> None:
    """Let ECR have scanned an image."""
    backend = get_backend("ecr")[ACCOUNT][REGION]
    image = backend.repositories["mldeploy/iris"]._get_image(None, digest)
    image.last_scan = datetime.now(UTC)
    image.scan_finding_results_queue.append(
        {
            "imageId": {"imageDigest": digest},
            "imageScanStatus": {"status": status},
            "imageScanFindings": {
                "findings": [
                    {
                        "name": f"CVE-{number}",
                        "severity": one,
                        "attributes": [{"key": "package_name", "value": "openssl"}],
                    }
                    for number, one in enumerate(severities)
                ]
            },
        }
    )


def audited(command: Command, *arguments: str) -> tuple[int, dict[str, Any]]:
    code, envelope = command("audit", *arguments)
    (image,) = envelope["result"]["images"]
    return code, image


def test_the_live_image_is_shown(command: Command, aws: StrictAws, project: Path) -> None:
    """What it holds and what is known against it; nothing changes without another image."""
    command("deploy")
    digest, bill = pushed(aws, project)
    put_bill(aws, digest, bill)
    scanned(digest, "LOW", "CRITICAL")
    code, image = audited(command)
    assert (code, image["digest"], image["live"], image["changes"]) == (0, digest, True, [])
    assert image["bill"] == json.loads(bill.content)
    assert image["scan"]["counts"] == {"critical": 1, "low": 1}
    assert image["scan"]["findings"][0]["package"] == "openssl"


def test_a_pushed_image_is_compared_with_the_live_one(
    command: Command, aws: StrictAws, project: Path
) -> None:
    """As CI asks before it deploys; an index of documents is read, too."""
    command("deploy")
    put_bill(aws, *pushed(aws, project))
    write_bundle(project / "model", "another model")
    lock = project / "model/requirements.txt"
    lock.write_text(lock.read_text().replace("1.9.1", "1.9.2"))
    command("push")
    digest, bill = pushed(aws, project)
    put_bill(aws, digest, bill, index=True)
    _, image = audited(command)
    assert (image["digest"], image["live"]) == (digest, False)
    changed = {one["name"]: (one["before"], one["now"]) for one in image["changes"]}
    assert changed["scikit-learn"] == ("1.9.1", "1.9.2")
    assert changed.keys() == {"scikit-learn", "iris model"}


@pytest.mark.parametrize(
    "scan",
    [
        (["HIGH"], "COMPLETE", "critical", 0),
        (["HIGH"], "COMPLETE", "high", 1),
        (["HIGH"], "ACTIVE", "medium", 1),
        (["INFORMATIONAL", "UNDEFINED"], "COMPLETE", "low", 0),
        ([], "COMPLETE", "low", 0),
        ([], "IN_PROGRESS", "critical", 1),
        ([], "UNSUPPORTED_IMAGE", "critical", 1),
    ],
)
def test_ci_fails_on_what_it_names(
    command: Command, aws: StrictAws, project: Path, scan: tuple[list[str], str, str, int]
) -> None:
    """That severity and worse ones; a scan that isn't done proves nothing."""
    severities, status, fail_on, expected = scan
    command("deploy")
    scanned(pushed(aws, project)[0], *severities, status=status)
    code, image = audited(command, "--fail-on", fail_on)
    assert code == expected
    assert image["bill"] is None


def test_an_image_that_was_never_scanned_passes_no_gate(command: Command) -> None:
    """Without --fail-on it is shown as what it is."""
    command("deploy")
    assert audited(command)[0] == 0
    code, image = audited(command, "--fail-on", "critical")
    assert (code, image["scan"]["status"]) == (1, "")


def test_nothing_deployed_is_said(command: Command) -> None:
    """There is no image to audit."""
    code, envelope = command("audit")
    assert (code, envelope["error"]["code"]) == (1, "MLD357")


def other_bytes(content: bytes, aws: StrictAws) -> bytes:
    aws.state.blobs[digest_of(content)] = content.decode().replace("1.9.1", "1.9.2")
    return content


def other_image(content: bytes, _aws: StrictAws) -> bytes:
    bill = json.loads(content)
    bill["metadata"]["component"]["hashes"][0]["content"] = "0" * 64
    return json.dumps(bill).encode()


ATTACKS: dict[str, Callable[[bytes, StrictAws], bytes]] = {
    "other bytes under its digest": other_bytes,
    "a bill of another image": other_image,
    "no bill": lambda _content, _aws: b"[]",
    "no JSON": lambda _content, _aws: b"<html>",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_bill_that_was_changed_is_refused(
    command: Command, aws: StrictAws, project: Path, attack: str
) -> None:
    """It would say what the image doesn't hold."""
    command("deploy")
    digest, bill = pushed(aws, project)
    content = ATTACKS[attack](bill.content, aws)
    before = dict(aws.state.blobs)
    put_bill(aws, digest, Document(MEDIA_TYPE, content))
    aws.state.blobs |= before
    code, envelope = command("audit")
    assert (code, envelope["error"]["code"]) == (1, "MLD355")
