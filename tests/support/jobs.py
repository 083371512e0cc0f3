"""Jobs on an emulated AWS: customers to score, and the fitted estimator's own word on each."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl

BUCKET = "my-bucket"
INPUT = f"s3://{BUCKET}/customers/"
LAKE = f"{INPUT}_lake/"
"""Below the prefix that jobs may read, and left out of jobs on all customers."""
_BAD_EVERY = 97


@dataclass(frozen=True)
class Truth:
    """What a job on the customers has to write.

    Attributes:
        good: label and probabilities of each customer, by id.
        bad: (file, row) of those that don't fit the model.
    """

    good: dict[str, tuple[str, tuple[float, ...]]]
    bad: frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Bucket:
    """The bucket of a test, by boto3's client."""

    client: Any
    files: int
    truth: Truth = field(repr=False)

    def names(self, prefix: str) -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [one["Key"] for page in pages for one in page.get("Contents", ())]

    def lines(self, prefix: str) -> Iterator[dict[str, Any]]:
        for name in self.names(prefix):
            raw = self.client.get_object(Bucket=BUCKET, Key=name)["Body"].read()
            yield from map(json.loads, raw.splitlines())

    def differences(self, output: str) -> list[str]:
        """Return what of an output differs from the truth: rows lost, doubled or wrong."""
        rows = list(self.lines(f"{output}part-"))
        found = {one["id"]: one["prediction"] for one in rows}
        wrong = [] if len(found) == len(rows) else [f"{len(rows) - len(found)} rows are doubled"]
        wrong += [f"{one} is lost" for one in sorted(self.truth.good.keys() - found.keys())]
        wrong += [f"{one} is too much" for one in sorted(found.keys() - self.truth.good.keys())]
        for name, (label, probabilities) in self.truth.good.items():
            told = found.get(name, {"class_label": label, "probabilities": {}})
            pairs = zip(told["probabilities"].values(), probabilities, strict=False)
            if told["class_label"] != label or any(abs(a - b) > 1e-9 for a, b in pairs):
                wrong.append(f"{name} got {told}, and the estimator says {label}")
        errors = [(one["file"], one["row"]) for one in self.lines(f"{output}errors/")]
        if sorted(errors) != sorted(self.truth.bad):
            wrong.append(f"errors are {sorted(errors)[:5]}, expected {sorted(self.truth.bad)[:5]}")
        return wrong

    def write_lake(self) -> None:
        """Write the first file of customers once more, as Parquet in small row groups."""
        raw = self.client.get_object(Bucket=BUCKET, Key="customers/0.csv")["Body"].read()
        stream = io.BytesIO()
        pl.read_csv(raw).write_parquet(stream, row_group_size=150)
        key = f"{LAKE}0.parquet".removeprefix(f"s3://{BUCKET}/")
        self.client.put_object(Bucket=BUCKET, Key=key, Body=stream.getvalue())

    def lake_differences(self, output: str) -> list[str]:
        """Return what of the lake's output, which has to be Parquet, differs from the truth."""
        names = self.names(f"{output}part-")
        wrong = [f"{name} isn't Parquet" for name in names if not name.endswith(".parquet")]
        bodies = (self.client.get_object(Bucket=BUCKET, Key=name)["Body"].read() for name in names)
        found = pd.concat(map(pd.read_parquet, map(io.BytesIO, bodies)))
        wanted = {name: one for name, one in self.truth.good.items() if name.startswith("0-")}
        if found["id"].tolist() != list(wanted):
            return [*wrong, f"ids are {found['id'].tolist()[:5]}, expected {list(wanted)[:5]}"]
        labels = found["prediction_class_label"].tolist()
        scores = found.filter(like="prediction_probabilities_").to_numpy()
        for label, row, (name, (told, own)) in zip(labels, scores, wanted.items(), strict=True):
            if label != told or not np.allclose(row, own, atol=1e-9):
                wrong.append(f"{name} got {label} {row}, and the estimator says {told} {own}")
        errors = [one["row"] for one in self.lines(f"{output}errors/")]
        bad = sorted(row for file, row in self.truth.bad if file.endswith("/0.csv"))
        return wrong if errors == bad else [*wrong, f"errors are {errors}, expected {bad}"]


def customers(project: Path, client: Any, files: int, rows: int) -> Bucket:
    """Write files of customers into a new bucket, some of which don't fit the model.

    Args:
        project: the example, trained; its fitted estimator predicts them, in plain Python.
        client: boto3's of S3.
        files: how many.
        rows: of each.
    """
    scope: dict[str, Any] = {"__name__": "train"}
    exec((project / "train.py").read_text(), scope)  # noqa: S102 - the example's own code
    known, _ = scope["data"]()
    fitted = joblib.load(project / "model/model.joblib")
    client.create_bucket(Bucket=BUCKET)
    good: dict[str, tuple[str, tuple[float, ...]]] = {}
    bad: set[tuple[str, int]] = set()
    for number in range(files):
        frame = known.sample(rows, replace=True, random_state=number).reset_index(drop=True)
        frame.insert(0, "id", [f"{number}-{row}" for row in range(rows)])
        frame["plan"] = frame["plan"].astype(str)
        spoiled = frame.index % _BAD_EVERY == number
        good |= _predicted(fitted, frame[~spoiled])
        frame.loc[spoiled, "plan"] = "premium"
        name = f"customers/{number}.csv"
        bad |= {(f"s3://{BUCKET}/{name}", int(row)) for row in frame.index[spoiled]}
        client.put_object(Bucket=BUCKET, Key=name, Body=frame.to_csv(index=False).encode())
    return Bucket(client, files, Truth(good, frozenset(bad)))


def _predicted(fitted: Any, frame: pd.DataFrame) -> dict[str, tuple[str, tuple[float, ...]]]:
    rows = frame.drop(columns="id")
    labels, scores = fitted.predict(rows).tolist(), fitted.predict_proba(rows).tolist()
    return dict(zip(frame["id"], zip(labels, map(tuple, scores), strict=True), strict=True))
