"""What `train` prints of a fresh bundle: fits, metrics, the input contract, in 80 columns."""

from pathlib import Path
from typing import Any

import pytest

from mldeploy.model.bundle import Bundle
from mldeploy.model.forms import FORMAT
from mldeploy.model.report.data import write_report
from mldeploy.render.contract import contract_rows
from mldeploy.render.trained import bundle_rows, confusion_rows

PIPELINE = f"Pipeline({', '.join(f'StepNumber{n}' for n in range(20))})"


class Unwritten(Bundle):
    """A bundle without files."""

    digest = "f" * 64


def bundle(**facts: Any) -> Bundle:
    """Return a bundle of these facts."""
    model = {"estimator": PIPELINE, "served": "m", "forms": [{"file": "m", "framework": "sklearn"}]}
    return Unwritten(Path("model"), {"format": FORMAT, "model": model, "metrics": {}, **facts})


def evaluation(**changes: Any) -> dict[str, Any]:
    """Return facts of an evaluation as the default settings make it."""
    across = {"mean": 0.5, "std": 0.25, "folds": 5}
    known = {"cross_validation": {"accuracy": across}, "baseline": {"accuracy": 0.25},
             "rows": 150, "held_out": 30, "fits": 6, "refit": "holdout"}  # fmt: skip
    return known | changes


def lines(rows: list[tuple[str, str]]) -> list[str]:
    """Return the lines as the renderer prints them; each fits 80 columns."""
    width = max(len(label) for label, _ in rows)
    found = [f"  {label:<{width}}  {value}" for label, value in rows]
    assert all(len(line) <= 80 for line in found), found
    return found


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "120 of 150 rows, and 30 are held out; 6 fits were made"),
        ({"refit": "all"}, "all 150 rows, measured without 30 of them; 6 fits were made"),
        ({"refit": "all", "held_out": 0, "fits": 1}, "all 150 rows; 1 fit was made"),
    ],
)
def test_the_rows_and_the_number_of_fits_are_shown(changes: dict[str, Any], says: str) -> None:
    """Which rows the model that ships has seen."""
    rows = bundle_rows(bundle(evaluation=evaluation(**changes)))
    assert dict(rows)["fitted on"] == says


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_a_confusion_matrix_fits_the_terminal(count: int, tmp_path: Path) -> None:
    """Counts stand below their class, and long names are cut."""
    classes = list(range(count))
    counts = [[100 * (one == other) + other for other in classes] for one in classes]
    found = {"classes": classes, "confusion": [{"source": "held_out", "rows": 9, "counts": counts}]}
    write_report({"format": 1, "classification": found}, tmp_path)
    names = [f"{one} is a long name" for one in classes]
    facts = {"signature": {"classes": classes, "class_names": names}}
    head, *rows = lines(confusion_rows(Bundle(tmp_path, facts)))
    width = 10 if count < 5 else 7
    ends = [head.index(f"{one} is") + width for one in classes]
    shown = [[row[end - 3 : end].strip() for end in ends] for row in rows]
    assert shown == [[str(one) for one in row] for row in counts]


def test_more_classes_are_in_the_report_alone(tmp_path: Path) -> None:
    """Six don't fit; neither does a model without classes."""
    found = {"classes": [], "confusion": [{"source": "unseen", "rows": 9, "counts": [[1] * 6] * 6}]}
    write_report({"format": 1, "classification": found}, tmp_path)
    assert confusion_rows(Bundle(tmp_path, {"signature": {}})) == []
    assert confusion_rows(Bundle(tmp_path / "none", {"signature": {}})) == []


def test_metrics_are_a_table() -> None:
    """Beside the folds and the baseline, in one order; what isn't measured is a dash."""
    metrics = {"accuracy": 0.5, "brier": None, "roc_auc": 1234567.0}
    rows = bundle_rows(bundle(metrics=metrics, evaluation=evaluation()))
    assert lines(rows)[-4:] == [
        "  metric     30 held out  5 folds          baseline",
        "  accuracy   0.5000       0.5000 ± 0.2500  0.2500",
        "  roc_auc    1.235e+06    -                -",
        "  brier      -            -                -",
    ]


def test_what_isnt_there_has_no_column() -> None:
    """No held-out rows, no cross-validation, no baseline: an imported model has examples."""
    known = {"cross_validation": {}, "baseline": {}, "rows": 10, "source": "example"}
    rows = bundle_rows(bundle(metrics={"r2": 1.0}, evaluation=known))
    assert rows[-2:] == [("metric", "10 examples"), ("r2", "1.0000")]
    folds = bundle_rows(bundle(metrics={"accuracy": 0.5}, evaluation=evaluation(held_out=0)))
    assert folds[-2:][0][1].split() == ["5", "folds", "baseline"]


def test_a_searchs_parameters_are_printed() -> None:
    """One per line, cut at 80 columns."""
    found = {"best_params": {"a": 1, "b": "x" * 100}}
    rows = bundle_rows(bundle(evaluation=evaluation(search=found)))
    assert ("chosen", "a = 1") in rows
    assert lines(rows)[5].endswith("xx…")


def feature(name: str, dtype: str, **more: Any) -> dict[str, Any]:
    """Return a column of a signature."""
    return {"name": name, "dtype": dtype, "nullable": False, **more}


@pytest.mark.parametrize(
    ("one", "values"),
    [
        (feature("a", "number", minimum=0.1, maximum=2.0), "0.1 to 2"),
        (feature("a", "integer", minimum=-3, maximum=9), "-3 to 9"),
        (feature("a", "datetime", minimum="2020-01-01", maximum="2021-01-01"),
         "2020-01-01 to 2021-01-01"),
        (feature("a", "boolean"), "true, false"),
        (feature("a", "string"), "any; list not published"),
        (feature("a", "string", categories=["x", "y"]), "any; seen: x, y"),
        (feature("a", "string", categories=list("abcdefg")), "any; seen: a, b, c, d, e, …"),
        (feature("a", "string", categories=["x", "y"], closed=True), "only x, y"),
        (feature("a", "integer", categories=[1, 2], closed=True), "only 1, 2"),
        (feature("a", "boolean", categories=[True], closed=True), "only true"),
        (feature("a", "string", categories=list("abcdefg"), closed=True),
         "only 7 values: a, b, c, d, e, …"),
        (feature("a", "string", closed=True), "only values in the training data"),
    ],
)  # fmt: skip
def test_a_columns_values_are_a_range_a_closed_list_or_open(
    one: dict[str, Any], values: str
) -> None:
    """A list that clients may not read isn't printed either."""
    rows = contract_rows(bundle(signature={"features": [one]}))
    text = rows[1][1]
    assert text.removeprefix(one["dtype"]).removesuffix("no").strip() == values


def test_the_contract_fits_a_terminal() -> None:
    """Long names, long values and many columns are cut."""
    values = ["w" * 30, "x" * 30, "y" * 30]
    features = [
        feature("n" * 50, "datetime", categories=values, closed=True, nullable=True),
        feature("b", "string", categories=["z" * 90]),
        feature("c", "datetime", minimum="2020" * 12, maximum="2021" * 12),
        *(feature(f"x{n}", "number") for n in range(781)),
    ]
    found = lines(contract_rows(bundle(signature={"features": features})))
    assert len(found) == 22
    assert found[-1].endswith("and 764 more columns")
    assert found[1].endswith("allowed")
