"""Pages and cards from plain data, without a training."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mldeploy.model.forms import FORMAT
from mldeploy.render.report.card import card_of
from mldeploy.render.report.charts import MISSING, Charts, lines
from mldeploy.render.report.page import report_page
from mldeploy.render.report.shown import Shown

FEATURES = [
    {"name": "<script>alert(1)</script>", "dtype": "number", "minimum": 1, "maximum": 9},
    {"name": "plan", "dtype": "string", "categories": ["a", "b"], "closed": True, "nullable": True},
]
MATRIX = [{"source": "held_out", "rows": 10, "counts": [[4, 1], [2, 3]]}]
REPORT: dict[str, Any] = {
    "format": 1,
    "unseen": 50,
    "folds": {"accuracy": [0.6, 0.8]},
    "classification": {
        "classes": [0, 1],
        "confusion": MATRIX,
        "curves": [
            {
                "class": 1,
                "share": 0.5,
                "roc_auc": 0.75,
                "average_precision": 0.7,
                "roc": [[0.0, 0.5, 1.0], [0.0, 0.8, 1.0]],
                "pr": [[0.0, 1.0], [1.0, 0.5]],
            }
        ],
        "calibration": [{"class": 1, "bins": [{"predicted": 0.2, "observed": 0.3, "rows": 9}]}],
        "thresholds": [],
    },
    "importance": {
        "metric": "accuracy",
        "rows": 10,
        "repeats": 5,
        "source": "held_out",
        "columns": [{"name": "plan", "mean": 0.25, "std": 0.01}],
    },
    "dependence": [
        {
            "name": "plan",
            "kind": "values",
            "x": ["a", "b"],
            "lines": [{"class": 1, "y": [0.2, 0.6]}],
        }
    ],
    "search": [{"rank": 1, "params": {"C": 2}, "mean": 0.9, "std": 0.1}],
    "drawing": {"name": "", "class": "Pipeline", "params": {}, "parts": []},
    "profile": [{"name": "plan", "missing": 0.1, "values": {"a": 20, "b": 25}}],
    "previous": {"digest": "e" * 64, "metrics": {"accuracy": 0.9}, "signature": {}, "versions": {}},
    "notes": [],
}


def shown(**changes: Any) -> Shown:
    """Return a model with two columns and two classes."""
    form = {"file": "m", "framework": "sklearn", "bytes": 1234}
    signature = {
        "task": "classification",
        "input": "dataframe",
        "features": FEATURES,
        "classes": [0, 1],
        "class_names": ["no", "yes"],
    }
    facts = {
        "format": FORMAT,
        "model": {"estimator": "Pipeline", "served": "m", "forms": [form]},
        "signature": signature,
        "metrics": {"accuracy": 0.7},
        "evaluation": {
            "cross_validation": {"accuracy": {"mean": 0.7, "std": 0.1, "folds": 2}},
            "baseline": {"accuracy": 0.5},
            "rows": 50,
            "held_out": 10,
            "fits": 3,
            "seed": 0,
            "refit": "holdout",
        },
        "versions": {"python": "3.12.1", "numpy": "2.5.5"},  # of the compiled form
        "example": {"features": {"plan": "a"}},
        "data_sha256": "d" * 64,
    }
    return Shown(
        "iris", "f" * 64, facts | changes.pop("facts", {}), **{"report": REPORT, **changes}
    )


def test_the_page_shows_the_numbers_it_was_given() -> None:
    """Metric, folds, baseline, matrix, importance, search, comparison, fingerprint."""
    page = report_page(shown(), Charts(enabled=False))
    for words in (
        "0.7000 ± 0.1000", "0.6000 to 0.8000",
        "10 held-out rows: 70.0 % are right", "predicted →",
        "0.2500 ± 0.0100", "0.9000 ± 0.1000", "The bundle before", "worse", "d" * 64,
    ):  # fmt: skip
        assert words in page, words


def test_a_compiled_models_pages_name_the_library_of_its_training() -> None:
    """Beside what it is served with; a package that is both is named once."""
    libraries = {"scikit-learn": "1.9.1", "numpy": "2.5.5"}
    model = shown(report=REPORT | {"libraries": libraries})
    page = report_page(model, Charts(enabled=False))
    assert re.search(r">scikit-learn \(training\)<[^1]*>1\.9\.1<", page)
    assert page.count(">2.5.5<") == 1
    assert "python 3.12.1, numpy 2.5.5, scikit-learn (training) 1.9.1" in card_of(model).text


def test_text_of_the_data_is_escaped_and_nothing_is_loaded() -> None:
    """A column's name is text, and the policy forbids scripts and requests."""
    page = report_page(shown())
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "default-src 'none'" in page
    assert "http://" not in page.replace("http://www.w3.org/", "")  # names of SVG's vocabulary
    assert "https://" not in page


def test_without_matplotlib_the_page_has_tables_and_says_what_to_install() -> None:
    """The same figures, in rows."""
    page = report_page(shown(), Charts(enabled=False))
    assert MISSING.split("'")[1] in page
    assert "<figure>" not in page
    assert "0.6000" in page  # of the partial dependence
    assert "30.0 %" in page  # of the calibration


def test_charts_use_the_pages_colors_and_have_ids_of_their_own() -> None:
    """So that dark mode reaches them, and no id is there twice."""
    page = report_page(shown())
    assert page.count("<figure>") == 4
    assert "#0102" not in page
    assert "var(--series0)" in page
    ids = [part.partition('"')[0] for part in page.split(' id="')[1:]]
    assert len(ids) == len(set(ids))
    assert report_page(shown()) == page


def test_a_chart_has_a_description() -> None:
    """For people who don't see it."""
    drawn = Charts().draw("A & B", lines([("", [0, 1], [0, 1])], "x", "y"))
    assert drawn.startswith('<svg role="img" aria-label="A &amp; B"')


def test_a_model_without_a_report_has_a_page() -> None:
    """An imported one, and one that an earlier mldeploy trained."""
    page = report_page(shown(report={}))
    assert "Only `mldeploy train`" in page
    assert "Confusion" not in page


def test_the_live_release_is_compared() -> None:
    """With what its image's labels say."""
    live = {"release": "stage dev, version 3", "metrics": {"accuracy": 0.6}}
    page = report_page(shown(live=live))
    assert "The live release" in page
    assert "stage dev, version 3" in page


def header(card: str) -> Any:
    return yaml.safe_load(card.split("---")[1])


def test_the_cards_header_is_hugging_faces() -> None:
    """Its keys, as YAML reads them."""
    found = header(card_of(shown()).text)
    assert found["library_name"] == "sklearn"
    assert found["pipeline_tag"] == "tabular-classification"
    (model,) = found["model-index"]
    (result,) = model["results"]
    assert model["name"] == "iris"
    assert result["task"] == {"type": "tabular-classification"}
    assert {"type", "name"} == result["dataset"].keys()
    assert result["metrics"] == [{"type": "accuracy", "value": 0.7, "name": "accuracy"}]


def test_what_a_person_wrote_stays_and_the_rest_is_new() -> None:
    """Also a line in the header, and a part of mldeploy that was changed by hand."""
    first = card_of(shown()).text
    written = first.replace("---\n\n#", "license: mit\n---\n\n#", 1).replace(
        "> **To be written by a person:** who should use the model", "Only nurses use the model"
    )
    again = card_of(shown(facts={"metrics": {"accuracy": 0.8}}), written)
    assert again.changed == ()
    assert header(again.text)["license"] == "mit"
    assert header(again.text)["model-index"][0]["results"][0]["metrics"][0]["value"] == 0.8
    assert "Only nurses use the model" in again.text
    by_hand = again.text.replace("50 rows, 2 columns", "50 rows of 2025")
    kept = card_of(shown(), by_hand)
    assert kept.changed == ("data",)
    assert "50 rows of 2025" in kept.text
    assert "| accuracy | 0.7000 |" in kept.text


@pytest.mark.parametrize("text", ["", "my own card\n", "# mldeploy: begin model\n"])
def test_a_card_without_our_marks_stays(text: str, tmp_path: Path) -> None:
    """It is a person's; only a card that isn't there is written."""
    made = card_of(shown(), text).text
    assert made == text or (not text and "# Model card: iris" in made)


def test_equal_models_have_equal_cards() -> None:
    """So git shows a change only if there is one."""
    first = card_of(shown()).text
    assert card_of(shown(), first).text == first
