"""`python -m mldeploy.model.importing REQUEST`: load a model that was fitted elsewhere.

In a process of its own, as training is: a pickle runs what it wants. The outcome is a file.
"""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldeploy.config import Config
from mldeploy.events import Emit, Note
from mldeploy.fingerprint import digest_of_file
from mldeploy.model.bundle import FORMAT, ONNX, Bundle
from mldeploy.model.bundling import in_child, make_bundle
from mldeploy.model.example import Example, data_for, read_example
from mldeploy.model.foreign import kind_of, load_estimator, require_trust
from mldeploy.model.training import (
    GOLDEN_ROWS,
    example_of,
    file_facts,
    leave_outcome,
    saved,
    spread,
    write_request,
)
from mldeploy.model.user_module import FEWEST_ROWS


@dataclass(frozen=True)
class ImportRequest:
    """What to import, as paths, and where to; `kind` as `foreign.kind_of` has it."""

    model: str
    kind: str
    example: str
    target_column: str | None
    trusted: list[str]
    target: str


@dataclass(frozen=True)
class Foreign:
    """What the user gives.

    Attributes:
        model: the file.
        example: a CSV of rows.
        target: the column of y among them, or None.
        trust: whether the user vouches for a pickle.
    """

    model: Path
    example: Path
    target: str | None = None
    trust: bool = False


def import_model(
    config: Config, foreign: Foreign, emit: Emit, thresholds: Mapping[str, float] | None = None
) -> Bundle:
    """Make a bundle of a model that was fitted elsewhere, with the proofs of a trained one.

    Raises:
        MldeployError: MLD2xx; see docs/importing.md.
    """
    kind = kind_of(foreign.model)
    require_trust(foreign.model, kind, trust=foreign.trust)
    rows = read_example(foreign.example, foreign.target).rows
    if rows < FEWEST_ROWS:
        emit(Note(f"{rows} example rows say little of the columns' ranges and gaps", "warning"))

    def make(folder: Path, target: Path) -> dict[str, Any]:
        request = ImportRequest(
            str(foreign.model.resolve()),
            kind,
            str(foreign.example.resolve()),
            foreign.target,
            list(config.trust),
            str(target),
        )
        path = folder / "request.json"
        write_request(request, path)
        return in_child("mldeploy.model.importing", path, config.root, target)

    return make_bundle(config, "load and ask", make, emit, thresholds)


def import_here(request: ImportRequest) -> dict[str, Any]:
    """Load the model, ask it, and store it; return its facts.

    Raises:
        MldeployError: MLD24x.
    """
    example = read_example(Path(request.example), request.target_column)
    path, target = Path(request.model), Path(request.target)
    if request.kind == "onnx":
        from mldeploy.model.onnx_model import facts_of

        shutil.copyfile(path, target / ONNX)
        facts = facts_of(target / ONNX, example)
        facts["model"] |= file_facts(target, ONNX)
    else:
        facts = _facts(load_estimator(path, request.kind, request.trusted), example, target)
    return {
        "format": FORMAT,
        **facts,
        "example": {"features": example_of(facts["golden_inputs"][0], facts["signature"])},
        "data_sha256": digest_of_file(Path(request.example)),
        "hooks": None,
    }


def _facts(estimator: Any, example: Example, target: Path) -> dict[str, Any]:
    from mldeploy.model.evaluation import measured
    from mldeploy.model.signature import rows_as_json, signature_of
    from mldeploy.model.tasks import known_categories, labels_of, task_of

    served = getattr(estimator, "best_estimator_", estimator)
    data = data_for(served, example)
    signature = signature_of(data, served)
    few, learnt = example.rows < FEWEST_ROWS, known_categories(served)
    features = [_feature(one, learnt, few=few) for one in signature["features"]]
    return {
        "model": {**saved(served, target), "labels": labels_of(served, data.x, signature)},
        "signature": {**signature, "features": features},
        **measured(served, data, task_of(served)),
        "golden_inputs": rows_as_json(
            data.x, spread(list(range(example.rows)), data.y, GOLDEN_ROWS)
        ),
    }


def _feature(feature: dict[str, Any], learnt: dict[str, list[str]], *, few: bool) -> dict[str, Any]:
    """Return what is known of a column: the encoder's own categories before those of the example.

    Few rows show no range and no categories: each request would get a warning.
    """
    found = dict(feature)
    if found["name"] in learnt and found["dtype"] == "string":
        found["categories"] = learnt[found["name"]]
    elif few and not found.get("closed"):
        for key in ("minimum", "maximum", "categories"):
            found.pop(key, None)
    return found


def main() -> int:
    """Import what the request names, and leave an outcome beside it."""
    return leave_outcome(ImportRequest, import_here)


if __name__ == "__main__":
    sys.exit(main())
