"""`mldeploy audit`."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.artifact import artifact_of_bundles
from mldeploy.deploy.session import connect
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.monitoring.audit import Audited, parts_of
from mldeploy.monitoring.audit import audit as audit_images
from mldeploy.render import Renderer
from mldeploy.resources.scans import Scan, Severity

FailOnOption = Annotated[
    Severity | None,
    typer.Option(
        "--fail-on", help="Exit with 1 if a finding is this severe or worse, or without a scan."
    ),
]


@aws_command
def audit(settings: Config, renderer: Renderer, *, fail_on: FailOnOption = None) -> int:
    """Show what the images hold, known vulnerabilities, and what changed since the live release."""
    bundles = [settings.of_model(name).bundle for name in settings.used_models]
    trained = all((one / "model.json").exists() for one in bundles)
    context = connect(settings, renderer.on_event)
    images = audit_images(settings, artifact_of_bundles(settings) if trained else None, context)
    if not images:
        raise MldeployError(
            "MLD357",
            f"stage {settings.stage} of {settings.name} has no image to audit",
            "run `mldeploy push` or `mldeploy deploy` first",
            exit_code=ExitCode.FAILURE,
        )
    for one in images:
        renderer.table(_rows(one))
    failing = [one.function for one in images if fail_on and _fails(one.scan, fail_on)]
    if failing:
        renderer.say(f"--fail-on {fail_on}: {', '.join(failing)}")
    renderer.result({"images": [_data(one) for one in images], "failing": failing}, "")
    return ExitCode.FAILURE if failing else ExitCode.OK


def _fails(scan: Scan, severity: str) -> bool:
    """Tell whether a scan must not pass: one that isn't there proves nothing."""
    return not scan.done or bool(scan.at_least(severity))


def _rows(one: Audited) -> list[tuple[str, str]]:
    """Return an image as labels and values for people."""
    rows = [("function", one.function), ("  image", one.digest)]
    rows.append(("  release", "live" if one.is_live else "not live: what a deploy would use"))
    if one.bill is None:
        rows.append(("  holds", "unknown: the image has no bill of materials"))
    else:
        kinds = [kind for kind, _ in parts_of(one.bill)]
        counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
        rows.append(("  holds", counts))
        rows += [
            (f"    {kind}", f"{name} {version}")
            for (kind, name), version in parts_of(one.bill).items()
        ]
    for kind, name, before, now in one.changes:
        rows.append(("  changes", f"{kind} {name}: {before or '(none)'} → {now or '(none)'}"))
    return [*rows, *_scan_rows(one.scan)]


def _scan_rows(scan: Scan) -> list[tuple[str, str]]:
    counts = ", ".join(f"{number} {severity}" for severity, number in scan.counts().items())
    status = scan.status.lower() or "not scanned"
    return [
        ("  scan", f"{status}: {counts or 'no findings'}" if scan.done else status),
        *((f"    {one.severity}", f"{one.name} in {one.package}") for one in scan.findings),
    ]


def _data(one: Audited) -> dict[str, Any]:
    """Return an image for scripts."""
    names = ("type", "name", "before", "now")
    return {
        "function": one.function,
        "digest": one.digest,
        "live": one.is_live,
        "bill": one.bill,
        "changes": [dict(zip(names, change, strict=True)) for change in one.changes],
        "scan": {**asdict(one.scan), "counts": one.scan.counts()},
    }
