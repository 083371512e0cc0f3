"""ECR's findings for an image: known vulnerabilities of its packages."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mldeploy.resources.base import Reads

ACTIONS = ("ecr:DescribeImageScanFindings",)


class Severity(StrEnum):
    """Severities of a vulnerability, worst first.

    ECR also has informational, undefined and untriaged (botocore's ecr model, FindingSeverity).
    """

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


SEVERITIES = tuple(map(str, Severity))
_DONE = {"COMPLETE", "ACTIVE"}
"""ACTIVE is the status of continuous scanning (ECR user guide, "Enhanced scanning")."""


@dataclass(frozen=True)
class Vulnerability:
    """A known vulnerability. `fixed`: whether ECR lists a fixed version."""

    name: str
    severity: str
    package: str
    fixed: str = ""


@dataclass(frozen=True)
class Scan:
    """The result of a scan.

    Attributes:
        status: from ECR; "" if the image wasn't scanned.
        findings: worst first.
    """

    status: str = ""
    findings: tuple[Vulnerability, ...] = ()

    @property
    def done(self) -> bool:
        """Whether the scan is complete."""
        return self.status in _DONE

    def at_least(self, severity: str) -> tuple[Vulnerability, ...]:
        """Return the findings of at least this severity."""
        wanted = SEVERITIES[: SEVERITIES.index(severity) + 1]
        return tuple(one for one in self.findings if one.severity in wanted)

    def counts(self) -> dict[str, int]:
        """Return the number of findings per severity that occurs."""
        named = [one.severity for one in self.findings]
        return {one: named.count(one) for one in dict.fromkeys(named)}


def scan_of(repository: str, digest: str, reads: Reads) -> Scan:
    """Return the result of ECR's scan of an image, basic or enhanced."""
    answer = reads.read(
        "ecr",
        "describe_image_scan_findings",
        repositoryName=repository,
        imageId={"imageDigest": digest},
    )
    if not answer:
        return Scan()
    found = answer.get("imageScanFindings", {})
    findings = [
        *map(_basic, found.get("findings", [])),
        *map(_enhanced, found.get("enhancedFindings", [])),
    ]
    status = str(answer.get("imageScanStatus", {}).get("status", ""))
    return Scan(status, tuple(sorted(findings, key=_rank)))


def _basic(one: dict[str, Any]) -> Vulnerability:
    attributes = {pair["key"]: pair.get("value", "") for pair in one.get("attributes", [])}
    package = f"{attributes.get('package_name', '')} {attributes.get('package_version', '')}"
    return Vulnerability(
        str(one.get("name", "")), str(one.get("severity", "")).lower(), package.strip()
    )


def _enhanced(one: dict[str, Any]) -> Vulnerability:
    details = one.get("packageVulnerabilityDetails", {})
    vulnerable = details.get("vulnerablePackages", [])
    packages = [f"{part.get('name')} {part.get('version')}" for part in vulnerable]
    return Vulnerability(
        str(details.get("vulnerabilityId") or one.get("title", "")),
        str(one.get("severity", "")).lower(),
        ", ".join(packages),
        str(one.get("fixAvailable", "")).lower(),
    )


def _rank(one: Vulnerability) -> tuple[int, str, str]:
    known = SEVERITIES.index(one.severity) if one.severity in SEVERITIES else len(SEVERITIES)
    return known, one.name, one.package
