"""What a release changed in its image, and which scans fail an audit."""

from dataclasses import astuple
from typing import Any

import pytest

from mldeploy.monitoring.audit import AuditedImage, AuditedScan, changed_parts, judged
from mldeploy.resources.scans import Scan, Vulnerability


def part(name: str, version: str = "", content: str = "") -> dict[str, Any]:
    hashes = [{"alg": "SHA-256", "content": content}] if content else []
    return {"type": "library", "name": name, "version": version, "hashes": hashes}


CASES: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]], list[tuple[str, ...]]]] = {
    "nothing": ([part("numpy", "2.0")], [part("numpy", "2.0")], []),
    "a package that was updated": (
        [part("numpy", "2.0")], [part("numpy", "2.1")], [("library", "numpy", "2.0", "2.1")],
    ),
    "one that came and one that went": (
        [part("old", "1")], [part("new", "1")],
        [("library", "new", "", "1"), ("library", "old", "1", "")],
    ),
    "a file without a version is told by its content": (
        [part("model", content="a" * 64)], [part("model", content="b" * 64)],
        [("library", "model", "a" * 12, "b" * 12)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_differs_from_the_live_image(case: str) -> None:
    """By the two bills of materials."""
    before, now, changes = CASES[case]
    found = changed_parts({"components": before}, {"components": now})
    assert [astuple(one) for one in found] == changes


SCANS = {
    "nothing that bad was found": ("COMPLETE", ["low"], "high", False),
    "something that bad was found": ("COMPLETE", ["low", "high"], "high", True),
    "something worse was found": ("COMPLETE", ["critical"], "high", True),
    "a scan that isn't done proves nothing": ("IN_PROGRESS", [], "high", True),
    "nobody asked": ("COMPLETE", ["critical"], None, False),
}


@pytest.mark.parametrize("case", SCANS)
def test_which_images_fail(case: str) -> None:
    """By their worst finding."""
    status, severities, fail_on, fails = SCANS[case]
    scan = Scan(status, tuple(Vulnerability(f"CVE-{one}", one, "p", "1") for one in severities))
    image = AuditedImage("f", "d", live=True, bill=None, changes=(), scan=AuditedScan(scan, {}))
    assert judged([image], fail_on).failing == (("f",) if fails else ())
