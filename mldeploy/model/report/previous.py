"""The bundle that a training replaces, for the report's comparison."""

from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.bundle import load_bundle
from mldeploy.model.difference import facts_to_compare
from mldeploy.model.report.data import read_report, write_report

PREVIOUS = "previous"


def add_previous(target: Path, place: Path) -> None:
    """Add the facts of the bundle in `place` to the report's data in `target`.

    Args:
        target: the new bundle's folder.
        place: of the bundle that will be replaced, if there is one that can be read.
    """
    report = read_report(target)
    if report and (found := _previous(place)):
        write_report({**report, PREVIOUS: found}, target)


def _previous(place: Path) -> dict[str, Any]:
    try:
        bundle = load_bundle(place, verify=False)
        digest = bundle.digest
    except (MldeployError, OSError, KeyError):
        return {}
    provenance = bundle.facts.get("provenance") or {}
    return {
        **facts_to_compare(bundle.facts),
        "digest": digest,
        "created": provenance.get("created"),
        "git": provenance.get("git"),
    }
