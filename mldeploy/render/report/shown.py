"""What a page is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Shown:
    """A model to show.

    Attributes:
        name: of the project, and of the model if there are several.
        digest: of the bundle.
        facts: of model.json.
        report: of report.json; empty for an imported model and for an older bundle.
        live: the facts of the live release, or empty.
    """

    name: str
    digest: str
    facts: Facts
    report: Facts = field(default_factory=dict)
    live: Facts = field(default_factory=dict)

    @property
    def evaluation(self) -> Facts:
        """How the metrics were measured."""
        found: Facts = self.facts.get("evaluation") or {}
        return found

    @property
    def versions(self) -> dict[str, str]:
        """Versions by package: those that the served form needs, then others of the training."""
        served: Facts = self.facts["versions"]
        fitted: Facts = self.report.get("libraries") or {}
        others = {f"{name} (training)": one for name, one in fitted.items() if name not in served}
        return {**served, **others}

    def served_classes(self) -> list[str]:
        """Return the names of the served model's classes, in the order of its probabilities."""
        return [str(one) for one in self.facts["signature"].get("class_names") or []]

    def class_names(self) -> list[str]:
        """Return the names of the report's classes, as clients get them."""
        signature = self.facts["signature"]
        labels = signature.get("classes") or []
        names = dict(zip(map(repr, labels), signature.get("class_names") or [], strict=False))
        known = (self.report.get("classification") or {}).get("classes") or []
        return [str(names.get(repr(one), one)) for one in known]
