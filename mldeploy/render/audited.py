"""Text of audits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldeploy.monitoring.audit import parts_of
from mldeploy.render.words import Rows, Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mldeploy.monitoring.audit import Audit, AuditedImage, AuditedScan


def audit_words(found: Audit) -> Words:
    """Return the contents of each image, and which images fail."""
    tables = tuple(tuple(_rows(one)) for one in found.images)
    failing = f"--fail-on {found.fail_on}: {', '.join(found.failing)}"
    return Words(notes=(*tables, failing) if found.failing else tables)


def _rows(one: AuditedImage) -> Iterator[tuple[str, str]]:
    yield "function", one.function
    yield "  image", one.digest
    yield "  release", "live" if one.live else "not live: the image that a deploy would use"
    yield from _bill_rows(one)
    for change in one.changes:
        before, now = change.before or "(none)", change.now or "(none)"
        yield "  changes", f"{change.type} {change.name}: {before} → {now}"
    yield from _scan_rows(one.scan)


def _bill_rows(one: AuditedImage) -> Rows:
    if one.bill is None:
        return (("  holds", "unknown: the image has no bill of materials"),)
    parts = parts_of(one.bill)
    kinds = [kind for kind, _ in parts]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    return (
        ("  holds", counts),
        *((f"    {kind}", f"{name} {version}") for (kind, name), version in parts.items()),
    )


def _scan_rows(audited: AuditedScan) -> Rows:
    scan = audited.scan
    counts = ", ".join(f"{number} {severity}" for severity, number in audited.counts.items())
    status = scan.status.lower() or "not scanned"
    return (
        ("  scan", f"{status}: {counts or 'no findings'}" if scan.done else status),
        *((f"    {one.severity}", f"{one.name} in {one.package}") for one in scan.findings),
    )
