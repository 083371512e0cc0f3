"""`mldeploy batch` with Parquet on this machine, against the fitted estimator."""

from pathlib import Path
from shutil import copytree

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.datasets import load_iris

from tests.support.commands import Command, json_command
from tests.support.models import COMPILED, IRIS, bundle_of, project, trained

TOML = '[project]\nname = "iris"\n[api]\nauth = "none"\n[functions.predict]\n'
NEEDED = '[image]\nrequirements = ["pyarrow"]\n'


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return json_command(capsys)


def written(folder: Path, rows: int) -> pd.DataFrame:
    """Write rows of flowers with ids, as 32-bit floats in row groups of 3,000; return them."""
    flowers = load_iris(as_frame=True).data.sample(rows, replace=True, random_state=0)
    frame = flowers.reset_index(drop=True).astype("float32")
    frame += np.random.default_rng(0).random(frame.shape, "float32")
    table = pl.DataFrame({"id": [f"r{n}" for n in range(rows)], **frame})
    table.write_parquet(folder / "rows.parquet", row_group_size=3000)
    return frame


def test_parquet_gives_parquet_with_the_estimators_predictions(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several chunks of it, in the order of the rows; beside a CSV the output is JSON Lines."""
    bundle = trained(project(tmp_path, IRIS, COMPILED, requirements=("pyarrow",))).bundle
    (tmp_path / "mldeploy.toml").write_text(f"{TOML}{NEEDED}")
    monkeypatch.chdir(tmp_path)
    frame = written(tmp_path, 120_000)
    code, told = command("batch", "rows.parquet", "out", "--columns", "id")
    assert (code, told["result"]["rows"], told["result"]["errors"]) == (0, 120_000, 0)
    assert told["result"]["parts"] > 1
    found = pd.read_parquet(sorted((tmp_path / "out").glob("part-*.parquet")))
    fitted = joblib.load(bundle.path / "model.joblib")
    rows = frame.to_numpy("float64")
    assert found["id"].tolist() == [f"r{n}" for n in range(120_000)]
    assert found["prediction_class_label"].tolist() == fitted.predict(rows).tolist()
    scores = found.filter(like="prediction_probabilities_").to_numpy()
    assert np.allclose(scores, fitted.predict_proba(rows), atol=1e-9)
    code, told = command("batch", "rows.parquet", "out", "--columns", "id")
    assert (code, told["result"]["resumed"]) == (0, told["result"]["parts"])

    (tmp_path / "in").mkdir()
    (tmp_path / "rows.parquet").rename(tmp_path / "in" / "b.parquet")
    frame[:5].assign(id="first").to_csv(tmp_path / "in" / "a.csv", index=False)
    code, told = command("batch", "in", "both", "--columns", "id")
    assert (code, told["result"]["rows"]) == (0, 120_005)
    parts = sorted((tmp_path / "both").glob("part-*.jsonl"))
    ids = [one for part in parts for one in pd.read_json(part, lines=True)["id"]]
    assert ids == ["first"] * 5 + [f"r{n}" for n in range(120_000)]


def test_without_the_requirement_nothing_is_written(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library is installed here, but not in the image; the hint says what to do."""
    copytree(bundle_of(IRIS).path, tmp_path / "model")
    (tmp_path / "train.py").write_text(IRIS)
    (tmp_path / "mldeploy.toml").write_text(TOML)
    monkeypatch.chdir(tmp_path)
    written(tmp_path, 10)
    code, told = command("batch", "rows.parquet", "out")
    assert (code, told["error"]["code"]) == (1, "MLD644")
    assert "the image has no pyarrow" in told["error"]["message"]
    assert 'requirements = ["pyarrow"]' in told["error"]["hint"]
    assert not (tmp_path / "out").exists()
