"""What the images of a stage hold, what is known against it, and what a release changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mldeploy.config import Config
from mldeploy.resources.alias import Alias
from mldeploy.resources.artifact import Artifact
from mldeploy.resources.base import Context
from mldeploy.resources.documents import bill_of
from mldeploy.resources.image_proof import proven
from mldeploy.resources.lambda_state import digest_of_version
from mldeploy.resources.scans import Scan, scan_of

Part = tuple[str, str]
"""A component's type and name."""


@dataclass(frozen=True)
class Audited:
    """An image of a function.

    Attributes:
        function: its name in the file.
        digest: of the image.
        live: of the image that is live, "" where there is none.
        bill: its bill of materials; None where it has none.
        before: that of the live image, if this is another one.
        scan: of ECR.
    """

    function: str
    digest: str
    live: str
    bill: Mapping[str, Any] | None
    before: Mapping[str, Any] | None
    scan: Scan

    @property
    def is_live(self) -> bool:
        """Whether this image answers requests."""
        return self.digest == self.live

    @property
    def changes(self) -> tuple[tuple[str, str, str, str], ...]:
        """What differs from the live image: (type, name, before, now), "" for nothing."""
        if self.bill is None or self.before is None:
            return ()
        old, new = parts_of(self.before), parts_of(self.bill)
        return tuple(
            (*part, old.get(part, ""), new.get(part, ""))
            for part in sorted({*old, *new})
            if old.get(part) != new.get(part)
        )


def audit(config: Config, artifact: Artifact | None, context: Context) -> list[Audited]:
    """Return what is known of each function's image.

    It is the image that a deploy would use, if that is in ECR already and is proved to be this
    project's; else the live one.

    Args:
        config: the project.
        artifact: what the bundles on disk would become, or None without bundles.
        context: for AWS.

    Raises:
        MldeployError: MLD355.
    """
    found = []
    for function in config.functions:
        alias = Alias(config.function_name(function.name)).observe(context)
        live = digest_of_version(alias.function, alias.version, context) if alias else ""
        tag = artifact.of(function.name).tag if artifact else ""
        pushed = proven(config.repository, tag, context) if tag else None
        digest = str(pushed["imageDigest"]) if pushed else live
        if digest:
            found.append(_audited(config.repository, function.name, digest, live, context))
    return found


def _audited(repository: str, function: str, digest: str, live: str, context: Context) -> Audited:
    other = live and live != digest
    return Audited(
        function,
        digest,
        live,
        bill_of(repository, digest, context),
        bill_of(repository, live, context) if other else None,
        scan_of(repository, digest, context),
    )


def parts_of(bill: Mapping[str, Any]) -> dict[Part, str]:
    """Return a bill's components: their versions, or their hashes where they have none."""
    return {
        (str(one["type"]), str(one["name"])): str(one.get("version") or _hash_of(one))
        for one in bill.get("components", [])
    }


def _hash_of(component: Mapping[str, Any]) -> str:
    hashes = component.get("hashes") or [{}]
    return str(hashes[0].get("content", ""))[:12]
