"""Models that were fitted elsewhere: each kind of file becomes a bundle, or is refused."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.events import Event, Note
from mldeploy.model.bundle import Bundle
from mldeploy.model.foreign.importing import Foreign, import_model
from tests.support.events import answered, http
from tests.support.golden import problems
from tests.support.models import handler_of, project, task_of

IRIS = load_iris()
NAMES = ["sepal length", "sepal width", "petal length", "petal width"]
ROWS = IRIS.data[[0, 60, 120]].tolist()


@pytest.fixture(scope="module")
def fitted() -> Any:
    """A pipeline that somebody fitted on an array."""
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(IRIS.data, IRIS.target)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A project without a train module."""
    config = project(tmp_path / "project", "")
    (config.root / "train.py").unlink()
    return config


def csv(path: Path, names: list[str], rows: Any) -> Path:
    """Write a CSV."""
    lines = [",".join(names), *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def iris_csv(folder: Path, *, rows: int = 150) -> Path:
    """Write Iris with its species."""
    step = 150 // rows
    data = np.column_stack([IRIS.data, IRIS.target])[::step]
    values = [[*row[:4], int(row[4])] for row in data.tolist()]
    return csv(folder / "iris.csv", [*NAMES, "species"], values)


def imported(config: Config, model: Path, example: Path, **more: Any) -> Bundle:
    """Import a file, with what the caller vouches for."""
    foreign = Foreign(model, example, **{"target": "species", "trust": True, **more})
    return import_model(config, foreign, lambda _event: None)


def refused(config: Config, model: Path, example: Path, **more: Any) -> MldeployError:
    """Return the error that an import ends with; no bundle is left."""
    with pytest.raises(MldeployError) as raised:
        imported(config, model, example, **more)
    assert not config.bundle.exists()
    return raised.value


def dumped(folder: Path, estimator: Any, name: str = "model.joblib") -> Path:
    """Save an estimator as its file's name says."""
    path = folder / name
    if path.suffix == ".skops":
        import skops.io

        skops.io.dump(estimator, path)
    elif path.suffix == ".onnx":
        path.write_bytes(to_onnx(estimator, IRIS.data[:1].astype(np.float32)))
    else:
        joblib.dump(estimator, path, compress=3 if path.suffix == ".joblib" else 0)
    return path


def to_onnx(estimator: Any, sample: Any, **options: Any) -> bytes:
    """Convert an estimator with skl2onnx."""
    import skl2onnx

    found: bytes = skl2onnx.to_onnx(estimator, sample, **options).SerializeToString()
    return found


def handler(bundle: Bundle, folder: Path) -> Callable[[Any, Any], Any]:
    """Return the handler of a bundle, which answers its golden examples."""
    found = handler_of(task_of(bundle, folder / "task"))
    assert problems(found, bundle.golden_examples) == []
    return found


@pytest.mark.parametrize("name", ["model.joblib", "model.pkl", "model.skops", "model.onnx"])
def test_each_kind_of_file_answers_as_the_model_did(
    config: Config, fitted: Any, tmp_path: Path, name: str
) -> None:
    """Labels are equal and probabilities too, to what 32 bits hold; metrics are the example's."""
    bundle = imported(config, dumped(tmp_path, fitted, name), iris_csv(tmp_path))
    assert bundle.facts["metrics"]["accuracy"] == fitted.score(IRIS.data, IRIS.target)
    assert bundle.facts["evaluation"]["source"] == "example"
    assert [one["name"] for one in bundle.facts["signature"]["features"]] == NAMES
    status, body = answered(handler(bundle, tmp_path), http({"instances": ROWS}))
    assert status == 200
    for one, label, row in zip(
        body["predictions"], fitted.predict(ROWS), fitted.predict_proba(ROWS), strict=True
    ):
        assert one["class_label"] == label
        assert list(one["probabilities"].values()) == pytest.approx(row.tolist(), abs=1e-5)
    names = {line.partition("==")[0] for line in bundle.requirements}
    assert ("scikit-learn" in names) == (name != "model.onnx")
    assert "skops" not in names
    assert bundle.file == ("model.onnx" if name == "model.onnx" else "model.joblib")


def test_an_onnx_classifier_without_maps_has_its_classes(config: Config, tmp_path: Path) -> None:
    """Probabilities may be a tensor, and labels texts: rows or the graph say which is which."""
    names = np.array(["a", "b", "c"])[IRIS.target]
    model = LogisticRegression(max_iter=1000).fit(IRIS.data, names)
    path = tmp_path / "model.onnx"
    sample = IRIS.data[:1].astype(np.float32)
    path.write_bytes(to_onnx(model, sample, options={"zipmap": False}))
    example = csv(tmp_path / "e.csv", NAMES, IRIS.data.tolist())
    bundle = imported(config, path, example, target=None)
    assert bundle.facts["signature"]["classes"] == ["a", "b", "c"]
    _, body = answered(handler(bundle, tmp_path), http({"instances": ROWS}))
    assert [one["class_name"] for one in body["predictions"]] == model.predict(ROWS).tolist()
    few = csv(tmp_path / "few.csv", NAMES, IRIS.data[:3].tolist())
    assert imported(config, path, few, target=None).facts["signature"]["classes"] == ["a", "b", "c"]


def test_an_onnx_regressor_on_columns_needs_no_pandas(config: Config, tmp_path: Path) -> None:
    """One input a column, as converters make for DataFrames; numbers and texts."""
    import pandas as pd
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    from sklearn.compose import make_column_transformer
    from sklearn.preprocessing import OneHotEncoder

    frame = pd.DataFrame({"size": np.arange(40.0), "kind": ["x", "y"] * 20})
    y = frame["size"] * 2 + (frame["kind"] == "y")
    columns = make_column_transformer((OneHotEncoder(), ["kind"]), remainder="passthrough")
    model = make_pipeline(columns, LinearRegression()).fit(frame, y)
    types = [("size", FloatTensorType([None, 1])), ("kind", StringTensorType([None, 1]))]
    path = tmp_path / "model.onnx"
    import skl2onnx

    path.write_bytes(skl2onnx.convert_sklearn(model, initial_types=types).SerializeToString())
    rows = frame.assign(y=y).to_numpy().tolist()
    example = csv(tmp_path / "e.csv", ["size", "kind", "y"], rows)
    bundle = imported(config, path, example, target="y")
    assert bundle.facts["metrics"]["r2"] == pytest.approx(1)
    assert not {"pandas", "scikit-learn"} & {one.partition("==")[0] for one in bundle.requirements}
    asked = handler(bundle, tmp_path)
    for row in ([5, "y"], {"kind": "y", "size": 5}):
        _, body = answered(asked, http({"features": row}))
        assert body["prediction"]["value"] == pytest.approx(11, abs=1e-4)
    assert answered(asked, http({"features": ["5", "y"]}))[0] == 422


def test_a_frames_model_takes_its_own_columns_in_any_order(config: Config, tmp_path: Path) -> None:
    """Whole numbers in the example are numbers; the encoder's categories are all allowed."""
    import pandas as pd
    from sklearn.compose import make_column_transformer
    from sklearn.preprocessing import OneHotEncoder

    frame = pd.DataFrame({"size": np.arange(40.0), "kind": ["x", "y", "z", "x"] * 10})
    columns = make_column_transformer((OneHotEncoder(), ["kind"]), remainder="passthrough")
    model = make_pipeline(columns, LinearRegression()).fit(frame, frame["size"] * 2)
    example = csv(tmp_path / "e.csv", ["kind", "size"], [["x", 1], ["y", 2]])
    bundle = imported(config, dumped(tmp_path, model), example, target=None)
    size, kind = bundle.facts["signature"]["features"]
    assert (size["dtype"], kind["dtype"], kind["closed"]) == ("number", "string", True)
    asked = handler(bundle, tmp_path)
    status, body = answered(asked, http({"features": {"kind": "z", "size": 1.5}}))
    assert (status, body["prediction"]["value"]) == (200, pytest.approx(3))
    assert "warnings" not in body
    status, problem = answered(asked, http({"features": {"kind": "q", "size": 1.5}}))
    assert (status, "(not listed), got 'q'" in problem["detail"]) == (422, True)


@pytest.mark.parametrize("library", ["xgboost", "lightgbm"])
def test_other_libraries_models_are_imported(config: Config, tmp_path: Path, library: str) -> None:
    """XGBoost and LightGBM speak scikit-learn's API."""
    if library == "xgboost":
        from xgboost import XGBRegressor as Regressor
    else:
        from lightgbm import LGBMRegressor as Regressor
    x, y = load_diabetes(return_X_y=True)
    more = {"verbose": -1} if library == "lightgbm" else {}
    model = Regressor(n_estimators=5, n_jobs=1, **more).fit(x, y)
    example = csv(tmp_path / "e.csv", [f"c{n}" for n in range(10)], x[:50].tolist())
    bundle = imported(config, dumped(tmp_path, model), example, target=None)
    _, body = answered(handler(bundle, tmp_path), http({"instances": x[:3].tolist()}))
    found = [one["value"] for one in body["predictions"]]
    assert found == pytest.approx(model.predict(x[:3]).tolist(), rel=1e-5)


def test_few_rows_are_a_warning_and_make_no_others(
    config: Config, fitted: Any, tmp_path: Path
) -> None:
    """Three rows show no range: the endpoint warns of none."""
    events: list[Event] = []
    foreign = Foreign(dumped(tmp_path, fitted), iris_csv(tmp_path, rows=3), "species", trust=True)
    bundle = import_model(config, foreign, events.append)
    assert any(isinstance(one, Note) and "3 example rows" in one.text for one in events)
    _, body = answered(handler(bundle, tmp_path), http({"features": [99, 99, 99, 99]}))
    assert "warnings" not in body


class Harmless:
    """What leaves a trace where it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return Path.touch, (self.trace,)


def test_a_pickle_is_loaded_only_for_one_who_vouches_for_it(config: Config, tmp_path: Path) -> None:
    """Without --trust nothing of it runs, whatever it is called."""
    trace = tmp_path / "trace"
    example = iris_csv(tmp_path)
    path = dumped(tmp_path, Harmless(trace), "model.pkl")
    assert refused(config, path, example, trust=False).code == "MLD241"
    for name in ("model.onnx", "model.skops"):
        (tmp_path / name).write_bytes(path.read_bytes())
        error = refused(config, tmp_path / name, example, trust=True)
        assert (error.code, "looks like a pickle" in error.message) == ("MLD240", True)
    assert not trace.exists()
    assert refused(config, path, example, trust=True).code == "MLD244"
    assert trace.exists()


def test_a_type_is_trusted_by_a_flag_alone(config: Config, tmp_path: Path) -> None:
    """A skops file names what it doesn't know; the flags that would allow it are in the advice."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(max_iter=3)
    path = dumped(tmp_path, model.fit(IRIS.data, IRIS.target), "model.skops")
    import skops.io

    unknown = skops.io.get_untrusted_types(file=path)
    assert unknown
    error = refused(config, path, iris_csv(tmp_path), trust=True)
    assert (error.code, unknown[0] in error.message) == ("MLD242", True)
    assert f"--trust-type {unknown[0]}" in error.hint
    assert imported(config, path, iris_csv(tmp_path), trusted=tuple(unknown)).facts


def test_a_file_that_is_no_model_is_refused(config: Config, fitted: Any, tmp_path: Path) -> None:
    """Missing, empty, cut, renamed, of another kind, or without predict: each says why."""
    example, whole = iris_csv(tmp_path), dumped(tmp_path, fitted)
    cut, empty, other = (tmp_path / name for name in ("cut.joblib", "empty.pkl", "model.h5"))
    cut.write_bytes(whole.read_bytes()[:200])
    empty.write_bytes(b"")
    other.write_bytes(b"x")
    archive = tmp_path / "odd.skops"
    with zipfile.ZipFile(archive, "w") as stream:
        stream.writestr("a.txt", "hello")
    text = tmp_path / "text.onnx"
    text.write_text("hello")
    for path in (cut, empty, other, archive, text, tmp_path / "none.pkl"):
        assert refused(config, path, example).code == "MLD240", path
    assert refused(config, dumped(tmp_path, {"a": 1}, "dict.joblib"), example).code == "MLD244"


def test_another_version_of_scikit_learn_is_refused(
    config: Config, fitted: Any, tmp_path: Path
) -> None:
    """The environment that fitted a model is its contract: both versions are named."""
    path = tmp_path / "old.pkl"
    import pickle

    from sklearn import __version__

    path.write_bytes(pickle.dumps(fitted).replace(__version__.encode(), b"0" * len(__version__)))
    error = refused(config, path, iris_csv(tmp_path))
    assert (error.code, __version__ in error.message) == ("MLD245", True), error
    assert "pip install 'scikit-learn==" in error.hint


@pytest.mark.parametrize(
    ("text", "target", "says"),
    [
        ("a,b,c,d\n", None, "no rows"),
        ("", None, "no rows"),
        ("a,a,c,d\n1,2,3,4\n", None, "duplicate column"),
        ("a,b,c,d\n1,2,3\n", None, "row 0: 3 values"),
        ("a,b,c,d\n1,2,3,x\n", None, "'d' contains 'x'"),
        ("a,b,c\n1,2,3\n", None, "expects 4 columns"),
        ("a,b,c,d,y\n1,2,3,4,0\n", None, "expects 4 columns"),
        ("a,b,c,d,y\n1,2,3,4,9\n", "y", "the target contains '9'"),
        ("a,b,c,d,y\n1,2,3,4,\n", "y", "is empty"),
        ("a,b,c,d\n1,2,3,4\n", "z", "no column 'z'"),
        ("y\n1\n", "y", "no column other than"),
        ('"a\n', None, "can't be read as CSV"),
    ],
)
def test_an_example_that_doesnt_fit_is_refused(
    config: Config, fitted: Any, tmp_path: Path, *, text: str, target: str | None, says: str
) -> None:
    """What is wrong with a CSV is named: its form, its columns, its target."""
    path = tmp_path / "example.csv"
    path.write_text(text)
    error = refused(config, dumped(tmp_path, fitted), path, target=target)
    assert (error.code, says in error.message) == ("MLD246", True), error.message


def test_a_bundles_file_stays_in_the_bundle(config: Config, fitted: Any, tmp_path: Path) -> None:
    """model.json can't lead elsewhere."""
    from mldeploy.model.bundle import load_bundle

    bundle = imported(config, dumped(tmp_path, fitted), iris_csv(tmp_path))
    facts = bundle.facts
    facts["model"] |= {"served": "../../secret"}
    facts["model"]["forms"][0]["file"] = "../../secret"
    (bundle.path / "model.json").write_text(json.dumps(facts))
    with pytest.raises(MldeployError) as raised:
        load_bundle(bundle.path)
    assert raised.value.code == "MLD202"


def test_a_pickle_may_need_a_module_of_the_project(config: Config, tmp_path: Path) -> None:
    """It is found beside mldeploy.toml, and goes along."""
    import sys

    from sklearn.preprocessing import FunctionTransformer

    (config.root / "ours_in_pickle.py").write_text("def doubled(X):\n    return X * 2\n")
    sys.path.append(str(config.root))
    try:
        from ours_in_pickle import doubled  # type: ignore[import-not-found]

        model = make_pipeline(FunctionTransformer(doubled), LinearRegression())
        path = dumped(tmp_path, model.fit(IRIS.data, IRIS.target))
    finally:
        sys.path.remove(str(config.root))
        sys.modules.pop("ours_in_pickle", None)
    assert set(imported(config, path, iris_csv(tmp_path)).facts["code"]) == {"ours_in_pickle.py"}
    included = replace(config, image=replace(config.image, include=("ours_in_pickle.py",)))
    assert imported(included, path, iris_csv(tmp_path)).facts["signature"]["task"] == "regression"
