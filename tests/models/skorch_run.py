"""Train the project of the folder that is named, and ask its handler: for `test_skorch.py`.

It runs in the environment that has torch, and prints one line of JSON.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.models import bodies, harness, truth
from tests.support.events import CONTEXT
from tests.support.models import handler_of, project, task_of
from tests.support.models import trained as train_in


def main() -> None:
    """Train, ask the estimator, ask the handler, print both."""
    root = Path(sys.argv[1])
    config = project(root, (root / "train.py").read_text(), include=("net.py",))
    bundle = train_in(config).bundle
    print(json.dumps(asked(root, bundle)))  # noqa: T201 - the result


def asked(root: Path, bundle: Any) -> dict[str, Any]:
    """Return the fitted network's answers and the handler's."""
    import joblib

    sys.path.insert(0, str(root))
    import train  # type: ignore[import-not-found]

    x, y = train.data()
    estimator = joblib.load(bundle.path / "model.joblib")
    handle = handler_of(task_of(bundle, root / "task"), *harness.ROUTES)
    columns = [one["name"] for one in bundle.facts["signature"]["features"]]
    statuses, expected, answered = [], [], []
    for rows in (list(range(0, 150, 10)), [75]):
        table = bodies.cells(x, rows)
        right = truth.answers(estimator, x[rows], "class", y)
        for route, content_type, body in (
            (harness.ROUTES[0], "application/json", bodies.json_many(table, text=False)),
            (harness.ROUTES[0], "text/csv", bodies.csv_many(table, columns)),
            (harness.ROUTES[1], "application/json", bodies.v2_many(table, None, "float32")),
        ):
            found = handle(bodies.event(route, content_type, body), CONTEXT)
            statuses.append(found["statusCode"])
            answered.append(_labels(json.loads(found["body"])))
            expected.append(_expected(right, v2=route == harness.ROUTES[1]))
    return {
        "dtype": bundle.facts["signature"]["features"][0].get("storage", ""),
        "statuses": statuses,
        "expected": expected,
        "answered": answered,
    }


def _expected(right: list[dict[str, Any]], *, v2: bool) -> Any:
    if not v2:
        return right
    labels = [one["class_label"] for one in right]
    return [labels, [value for one in right for value in one["probabilities"].values()]]


def _labels(body: dict[str, Any]) -> Any:
    if "outputs" in body:
        tensors = {one["name"]: one["data"] for one in body["outputs"]}
        return [tensors["predict"], tensors["predict_proba"]]
    return body.get("predictions", body)


if __name__ == "__main__":
    main()
