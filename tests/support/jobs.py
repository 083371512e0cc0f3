"""Jobs on an emulated AWS: customers to score, and the fitted estimator's own word on each."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

BUCKET = "my-bucket"
INPUT = f"s3://{BUCKET}/customers/"
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
