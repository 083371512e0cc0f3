"""One API with several models and their pages, behind `mldeploy serve`."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.clients.models import MODELS, Model
from tests.support.models import bundle_of
from tests.support.served import serving

DATES = """\
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline


def data():
    n = np.arange(200)
    X = pd.DataFrame(
        {
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(n, "D"),
            "at": pd.Timestamp("2024-03-01 06:30") + pd.to_timedelta(n * 37, "min"),
            "rooms": 1 + n % 5,
            "size": 20 + n / 7,
        }
    )
    return X, 3.0 * X["rooms"].to_numpy() + n / 7 + n % 3


def estimator():
    numbers = make_column_transformer(("passthrough", ["rooms", "size"]))
    return make_pipeline(numbers, LinearRegression())
"""
"""A column of days, one of times, and a regressor whose value has many digits."""

PAGED = {
    **{one.name: one for one in MODELS if one.name in {"iris", "mixed", "outputs", "regressor"}},
    "dates": Model("dates", DATES, "frame"),
}
"""The models by the names of their functions; `iris` serves the pages."""

_HEAD = """\
[project]
name = "pages"
title = "Flowers, people and a very long title that a telephone has to break"
description = "What the models are for."
contact = "https://example.com/team"

[functions.iris]
paths = ["/", "/docs", "/openapi.json", "/health", "/v2"]

[api]
auth = "none"
rate = 100000
burst = 100000
"""


@contextmanager
def pages(root: Path) -> Iterator[str]:
    """Serve all of them; gives the address."""
    root.mkdir()
    text = _HEAD
    for name, model in PAGED.items():
        if name == "iris":
            shutil.copytree(bundle_of(model.train).path, root / "model")
            continue
        shutil.copytree(bundle_of(model.train).path, root / "models" / name)
        text += f'[models.{name}]\n[functions.{name}]\nmodel = "{name}"\n'
    (root / "mldeploy.toml").write_text(text)
    with serving(root, "--port", "0") as served:
        yield f"http://127.0.0.1:{served.port}"
