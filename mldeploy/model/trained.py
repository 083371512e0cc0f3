"""Results of `train` and `import`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mldeploy.model.bundle import Bundle
from mldeploy.model.forms import described
from mldeploy.text.data import FLAT


@dataclass(frozen=True)
class Trained:
    """A fresh bundle.

    Attributes:
        bundle: its folder.
        digest: of its content.
        model: facts of the model: its file, framework, SHA-256 and estimator.
        metrics: on the held-out rows, by name; null for one that is undefined.
        evaluation: how it was measured: rows, folds, baseline, search.
        versions: of Python and of the packages that trained it.
    """

    bundle: str
    digest: str
    model: Mapping[str, Any]
    metrics: Mapping[str, float | None]
    evaluation: Mapping[str, Any]
    versions: Mapping[str, str]


@dataclass(frozen=True)
class TrainedModels:
    """Fresh bundles of all models that were trained.

    Attributes:
        first: the first of them.
        bundles: all of them.
    """

    first: Trained = field(metadata=FLAT)
    bundles: tuple[Trained, ...]


def trained(bundle: Bundle) -> Trained:
    """Return a bundle's result."""
    facts = bundle.facts
    return Trained(
        str(bundle.path),
        bundle.digest,
        described(facts),
        facts["metrics"],
        facts["evaluation"],
        facts["versions"],
    )


def trained_models(bundles: Sequence[Bundle]) -> TrainedModels:
    """Return the results of several bundles."""
    found = tuple(map(trained, bundles))
    return TrainedModels(found[0], found)
