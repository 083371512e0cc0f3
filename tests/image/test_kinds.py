"""Every kind of model behind the handler: what it is asked and how it answers."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mldeploy.errors import MldeployError
from mldeploy.model.difference import differences
from mldeploy.model.frameworks.sklearn.labels import labels_of
from mldeploy.model.proof.outputs import ask
from tests.support.events import answered, http
from tests.support.kinds import KINDS
from tests.support.models import bundle_of, handler_of, project, task_of, trained

Handler = Callable[[Any, Any], Any]
ROWS = [[0.1, 0.2, 0.3], [-1.5, 1.0, 0.0]]


def served(root: Path, code: str, hooks: str = "") -> Handler:
    """Return the handler of a model that was trained by `code`."""
    task = task_of(bundle_of(code, hooks=hooks), root / "task")
    if hooks:
        (task / "hooks.py").write_text(hooks)
        sys.modules.pop("hooks", None)
    return handler_of(task)


def predictions(handler: Handler, rows: list[Any]) -> list[Any]:
    """Return the answers for rows, after a look that `verify` is content and MLflow's agree."""
    assert handler({"mldeploy": "verify"}, None)["problems"] == []
    status, body = answered(handler, http({"instances": rows}))
    assert status == 200, body
    assert answered(handler, http({"inputs": rows}))[0] == 200
    return list(body["predictions"])


def test_decision_values_stand_where_there_are_no_probabilities(tmp_path: Path) -> None:
    """By class; the highest is the class that is answered."""
    for answer in predictions(served(tmp_path, KINDS["svc"]), ROWS):
        values = answer["decision_values"]
        assert list(values) == ["low", "middle", "high"]
        assert max(values, key=values.get) == answer["class_name"]
        assert "probabilities" not in answer


def test_two_classes_have_one_decision_value(tmp_path: Path) -> None:
    """It is the second class's: above 0 it is the answer."""
    for answer in predictions(served(tmp_path, KINDS["linear svc"]), ROWS):
        assert list(answer["decision_values"]) == ["yes"]
        assert (answer["decision_values"]["yes"] > 0) == (answer["class_name"] == "yes")


def test_values_of_pairs_are_named_by_both(tmp_path: Path) -> None:
    """One-versus-one has a value for each pair of classes."""
    answer = predictions(served(tmp_path, KINDS["pairs"]), ROWS)[0]
    assert list(answer["decision_values"])[:2] == ["0 or 1", "0 or 2"]
    assert len(answer["decision_values"]) == 6


def test_several_classes_are_answered_by_output(tmp_path: Path) -> None:
    """Each output has label, name and probabilities of its own; MLflow's get lists."""
    handler = served(tmp_path, KINDS["several classes"])
    first, second = predictions(handler, [[2, 2, 0], [-2, -2, 0]])
    assert list(first["outputs"]) == ["heat", "sign"]
    assert (first["outputs"]["heat"]["class_name"], second["outputs"]["heat"]["class_name"]) == (
        "warm",
        "cold",
    )
    assert set(first["outputs"]["sign"]["probabilities"]) == {"0", "1"}
    plain = answered(handler, http({"inputs": [[2, 2, 0], [-2, -2, 0]]}))[1]["predictions"]
    assert plain == [[1, 1], [0, 0]]


def test_several_values_have_their_names(tmp_path: Path) -> None:
    """A regressor of two outputs answers both by the names of y's columns."""
    (answer,) = predictions(served(tmp_path, KINDS["several values"]), [[1, 1, 0]])
    assert answer["values"] == pytest.approx({"width": 2, "height": 2}, abs=0.2)


def test_clusters_outliers_and_transforms_say_what_they_are(tmp_path: Path) -> None:
    """A cluster's number, an outlier with its score, the columns of a transform by name."""
    (cluster,) = predictions(served(tmp_path / "a", KINDS["clusters"]), [[0, 0, 0]])
    assert cluster["cluster"] in range(3)
    inside, outside = predictions(served(tmp_path / "b", KINDS["outliers"]), [[0, 0, 0], [9, 9, 9]])
    assert (inside["outlier"], outside["outlier"]) == (False, True)
    assert inside["score"] > 0 > outside["score"]
    (moved,) = predictions(served(tmp_path / "c", KINDS["transform"]), [[0, 0, 0]])
    assert list(moved["values"]) == ["pca0", "pca1"]


def test_a_text_is_a_row(tmp_path: Path) -> None:
    """A pipeline on texts takes them bare, in a list, or by the column's name."""
    handler = served(tmp_path, KINDS["text"])
    answers = predictions(handler, ["a great thing", ["an awful thing"], {"text": "a poor thing"}])
    assert [one["class_name"] for one in answers] == ["praise", "complaint", "complaint"]
    assert answered(handler, http({"features": "so lovely"}))[1]["prediction"]["class_label"] == (
        "praise"
    )
    status, problem = answered(handler, http({"instances": ["fine", 5]}))
    assert (status, problem["errors"][0]["expected"]) == (422, "a string")
    headers = {"content-type": "text/csv"}
    assert answered(handler, http('text\n"fine, really"\n', headers=headers))[0] == 200


HOOKS = """
import os


class InvalidRequestError(ValueError):
    pass


def preprocess(X):
    if (X[:, 0] > 100).any():
        raise InvalidRequestError("the first column is a share" + os.environ.get("TOLD", ""))
    return X * 2


def postprocess(answers):
    return [{**one, "verdict": one["class_name"].upper()} for one in answers]
"""
SHARES = KINDS["linear svc"].replace("LinearSVC()", "LinearSVC(C=0.1)")


def test_hooks_stand_around_the_model(tmp_path: Path) -> None:
    """The estimator is fitted and asked behind preprocess; answers go through postprocess."""
    handler = served(tmp_path / "hooks", SHARES, hooks=HOOKS)
    (answer,) = predictions(handler, [[0.5, 0, 0]])
    assert answer["verdict"] == answer["class_name"].upper()
    (bare,) = predictions(
        served(tmp_path / "bare", SHARES.replace("return A,", "return A * 2,")), [[1.0, 0, 0]]
    )
    assert answer["decision_values"] == pytest.approx(bare["decision_values"])


def test_a_hook_speaks_to_clients_by_one_class_of_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What preprocess refuses by it is a 422 in its words; any other failure stays inside."""
    handler = served(tmp_path, SHARES, hooks=HOOKS)
    status, problem = answered(handler, http({"features": [101, 0, 0]}))
    assert (status, "the first column is a share" in problem["detail"]) == (422, True)
    capsys.readouterr()
    broken = HOOKS.replace(
        'raise InvalidRequestError("the first', 'raise ValueError("101, the first'
    )
    status, problem = answered(
        served(tmp_path / "two", SHARES, hooks=broken), http({"features": [101, 0, 0]})
    )
    assert status == 500
    assert "101" not in json.dumps(problem) + capsys.readouterr().out


def test_a_secret_in_a_hooks_words_is_masked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value that is kept elsewhere, or the function's own credentials, in whatever it says."""
    handler = served(tmp_path, SHARES, hooks=HOOKS)
    monkeypatch.setenv("MLDEPLOY_SECRETS", '{"DB_PASSWORD": {"ssm": "/a"}}')
    for name in ("DB_PASSWORD", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, f"hunter2-{name}")
        monkeypatch.setenv("TOLD", f": not with hunter2-{name}")
        status, problem = answered(handler, http({"features": [101, 0, 0]}))
        assert (status, "not with ***" in problem["detail"]) == (422, True)
        assert "hunter2" not in json.dumps(problem)


@pytest.mark.parametrize(
    ("hooks", "code"),
    [
        ("x = 1\n", "MLD223"),
        ("import nothing_there\n", "MLD211"),
        ("def preprocess(X): return 5\n", "MLD213"),
        ("def preprocess(X): return X[:-1]\n", "MLD213"),
        ("def postprocess(answers): return []\n", "MLD224"),
        (
            "import time\ndef postprocess(a): return [{'now': str(time.time_ns())} for _ in a]\n",
            "MLD222",
        ),
    ],
)
def test_bad_hooks_are_refused_at_training(tmp_path: Path, hooks: str, code: str) -> None:
    """Without a hook, failing, of another length, or answering by the clock: no bundle is left."""
    config = project(tmp_path, SHARES)
    (tmp_path / "hooks.py").write_text(hooks)
    with pytest.raises(MldeployError) as raised:
        trained(replace(config, hooks="hooks.py"))
    assert raised.value.code == code, raised.value
    assert not config.bundle.exists()


def test_what_training_never_saw_is_answered_with_a_warning(
    iris_handler: Handler, frame_handler: Handler
) -> None:
    """Out of range, or a category that the model can take: row and column are named."""
    status, body = answered(iris_handler, http({"instances": [[5, 3, 1, 0.2], [99, 3, 1, 0.2]]}))
    assert status == 200
    (warning,) = body["warnings"]
    assert (warning["row"], warning["column"]) == (1, "sepal length (cm)")
    assert "4 to 8, the rounded range" in warning["detail"]
    row = {"age": 30, "weight": 60, "smoker": True, "city": "Rom", "plan": "plus", "note": ""}
    status, body = answered(frame_handler, http({"features": row}))
    assert [one["column"] for one in body["warnings"]] == ["city"]
    status, body = answered(frame_handler, http({"features": {**row, "city": "Ulm"}}))
    assert "warnings" not in body


def test_a_label_from_probabilities_is_the_models_own(iris_handler: Handler) -> None:
    """One call says both; where two classes are level, `predict` decides."""
    service = iris_handler.__globals__["_SERVICE"]
    assert service.model.facts["model"]["labels"] == "probabilities"
    rows = [[5.9, 2.8, 4.8 + n / 50, 1.7] for n in range(30)]
    (_, body) = answered(iris_handler, http({"instances": rows}))
    for one in body["predictions"]:
        best = max(one["probabilities"].values())
        assert one["probabilities"][one["class_name"]] == best


@pytest.mark.parametrize("scores", [[[0.5, 0.5, 0.0]], [[0.2, 0.3, 0.5], [0.0, 0.4, 0.4 + 1e-12]]])
def test_level_classes_are_left_to_predict(iris_handler: Handler, scores: Any) -> None:
    """Estimators break a tie each in its own way, so no label is made up; nor from a NaN."""
    classes = vars(iris_handler)["_modules"]["endpoint.frameworks.classes"].Classes
    known = classes([0, 1, 2], ["a", "b", "c"])
    asked: list[int] = []

    def decide(numbers: Any) -> Any:
        asked.extend(numbers.tolist())
        return np.full(len(numbers), 2)

    def labels(rows: Any) -> list[Any]:
        asked.clear()
        found = known.most_probable(np.array(rows), decide)
        return [(one["class_label"], one["class_name"]) for one in found]

    clear = [0.1, 0.7, 0.2]
    for many in (1, 20):  # few rows go another way
        found = labels([clear] * many + scores + [[np.nan, 0.5, 0.5]])
        level = [many + n for n, row in enumerate(scores) if max(row) - sorted(row)[-2] < 1e-9]
        assert asked == [*level, many + len(scores)]
        assert found[0] == (1, "b")
        assert {found[number] for number in asked} == {(2, "c")}
    assert labels([clear]) == [(1, "b")]
    assert not asked


def test_an_unknown_kind_of_estimator_is_asked_for_its_label() -> None:
    """Only where a label is the most probable class by construction does one call say both."""
    from sklearn.linear_model import LogisticRegression

    class Mine(LogisticRegression):  # type: ignore[misc]
        """A classifier that nobody has read the source of."""

    x, y = np.array([[n] for n in range(20)]), [n > 9 for n in range(20)]
    signature = {"classes": [False, True]}
    usual, mine = LogisticRegression().fit(x, y), Mine().fit(x, y)
    assert labels_of(usual, ask(usual, x, "classification"), signature) == "probabilities"
    assert labels_of(mine, ask(mine, x, "classification"), signature) == "predict"


def test_an_output_that_goes_breaks_clients() -> None:
    """So does a first output, which changes the shape of an answer."""
    one, two = {"outputs": [{"name": "a"}]}, {"outputs": [{"name": "a"}, {"name": "b"}]}
    none: dict[str, Any] = {"task": "regression"}
    breaking = [
        [line.breaking for line in differences({"signature": old}, {"signature": new})]
        for old, new in ((two, one), (one, two), (none, {**none, **one}))
    ]
    assert breaking == [[True], [False], [True]]
