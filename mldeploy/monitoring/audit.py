"""Audits a stage's images: their contents, known vulnerabilities, and changes by a release."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mldeploy.config import Config
from mldeploy.resources.alias import Alias
from mldeploy.resources.artifact import Artifact
from mldeploy.resources.base import Context
from mldeploy.resources.documents import bill_of
from mldeploy.resources.image_proof import proven
from mldeploy.resources.lambda_state import digest_of_version
from mldeploy.resources.scans import Scan, scan_of
from mldeploy.text.data import FLAT, HIDDEN

Part = tuple[str, str]
"""A component's type and name."""


@dataclass(frozen=True)
class PartChange:
    """A component that differs from the live image.

    Attributes:
        type: of the component, such as "library".
        name: of the component.
        before: the version in the live image, or "".
        now: the version in this image, or "".
    """

    type: str
    name: str
    before: str
    now: str


@dataclass(frozen=True)
class AuditedScan:
    """A scan, and its number of findings per severity."""

    scan: Scan = field(metadata=FLAT)
    counts: Mapping[str, int]


@dataclass(frozen=True)
class AuditedImage:
    """An image of a function.

    Attributes:
        function: its name in the file.
        digest: of the image.
        live: whether this is the live image.
        bill: its bill of materials (CycloneDX), or None.
        changes: the differences from the live image.
        scan: by ECR.
    """

    function: str
    digest: str
    live: bool
    bill: Mapping[str, Any] | None
    changes: tuple[PartChange, ...]
    scan: AuditedScan


@dataclass(frozen=True)
class Audit:
    """The images of a stage.

    Attributes:
        images: one per function.
        failing: functions whose image has findings of at least `fail_on`, or no complete scan.
        fail_on: a severity, or None.
    """

    images: tuple[AuditedImage, ...]
    failing: tuple[str, ...]
    fail_on: str | None = field(metadata=HIDDEN)


def audit(config: Config, artifact: Artifact | None, context: Context) -> list[AuditedImage]:
    """Return the audit of each function's image.

    This is the image that a deploy would use, if it is in ECR and proved to be this project's;
    else the live one.

    Args:
        config: the project.
        artifact: the images of the bundles on disk, or None without bundles.
        context: for AWS.

    Raises:
        MldeployError: MLD355.
    """
    found = []
    for function in config.listed:
        alias = Alias(config.function_name(function.name)).observe(context.reads)
        live = digest_of_version(alias.function, alias.version, context.reads) if alias else ""
        tag = artifact.of(function.name).tag if artifact else ""
        pushed = proven(config.repository, tag, context.reads) if tag else None
        digest = str(pushed["imageDigest"]) if pushed else live
        if digest:
            found.append(_audited(config.repository, function.name, digest, live, context))
    return found


def judged(images: Sequence[AuditedImage], fail_on: str | None) -> Audit:
    """Return the audit; an incomplete scan counts as failing."""
    failing = tuple(
        one.function
        for one in images
        if fail_on and (not one.scan.scan.done or one.scan.scan.at_least(fail_on))
    )
    return Audit(tuple(images), failing, fail_on)


def _audited(
    repository: str, function: str, digest: str, live: str, context: Context
) -> AuditedImage:
    bill = bill_of(repository, digest, context.reads)
    before = bill_of(repository, live, context.reads) if live and live != digest else None
    scan = scan_of(repository, digest, context.reads)
    return AuditedImage(
        function,
        digest,
        digest == live,
        bill,
        changed_parts(before, bill) if before is not None and bill is not None else (),
        AuditedScan(scan, scan.counts()),
    )


def changed_parts(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[PartChange, ...]:
    """Return the differences between two bills of materials."""
    old, new = parts_of(before), parts_of(now)
    return tuple(
        PartChange(*part, old.get(part, ""), new.get(part, ""))
        for part in sorted({*old, *new})
        if old.get(part) != new.get(part)
    )


def parts_of(bill: Mapping[str, Any]) -> dict[Part, str]:
    """Return a bill's components: their versions, or their hashes if they have none."""
    return {
        (str(one["type"]), str(one["name"])): str(one.get("version") or _hash_of(one))
        for one in bill.get("components", [])
    }


def _hash_of(component: Mapping[str, Any]) -> str:
    hashes = component.get("hashes") or [{}]
    return str(hashes[0].get("content", ""))[:12]
