"""Random files, cut at random bytes and crashed at random writes, against the estimator's truth."""

import json
import os
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.batches import (
    CrashError,
    Crashing,
    Job,
    Stale,
    Truth,
    differences,
    image_of,
    parts,
    planned,
    truth,
    written,
)
from tests.support.models import COMPILED, FRAME, bundle_of, handler_of, task_of

SPLITS = int(os.environ.get("MLDEPLOY_BATCH_SPLITS", "1000"))
GROUPS = 20
KINDS = (
    ["csv"], ["jsonl"], ["broken"], ["csv", "broken", "jsonl"], ["parquet"],
    ["parquet", "parquet"], ["parquet", "csv"],
)  # fmt: skip


@pytest.fixture(scope="module")
def known() -> Truth:
    return truth(bundle_of(FRAME, COMPILED).path, 3000, seed=20)


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The image's batch code beside a model without scikit-learn, which predicts quickly."""
    task = task_of(bundle_of(FRAME, COMPILED), tmp_path_factory.mktemp("task") / "task")
    return image_of(handler_of(task))


def _finish(batch: SimpleNamespace, job: Job, store: Any, chance: random.Random) -> None:
    """Do what an engine does, in any order: gather, score what is left, until nothing is."""
    while batch.gathering.gather(job.document, store)["again"]:
        todo = (job.output / batch.gathering.TODO).read_text().splitlines()
        for line in chance.sample(todo, len(todo)):
            chunk = json.loads(line)
            batch.scoring.score(job.document, chunk, store, batch.model)
            if chance.random() < 0.1:  # a retried chunk, whose first attempt did succeed
                before = {path.name: path.read_bytes() for path in parts(job.output)}
                batch.scoring.score(job.document, chunk, Stale(store), batch.model)
                after = {path.name: path.read_bytes() for path in parts(job.output)}
                assert after == before


def _case(batch: SimpleNamespace, known: Truth, seed: int, folder: Path) -> Job:
    chance = random.Random(seed)  # noqa: S311
    kinds = chance.choice(KINDS)
    files = [written(chance, known, kind) for kind in kinds]
    job = planned(chance, files, folder, batch.model.facts["model"]["sha256"])
    store = batch.stores.LocalStore(job.output)
    for _ in range(chance.choice((0, 1, 3))):
        crashing = Crashing(store, chance.randrange(12), before=chance.random() < 0.5)
        try:
            _finish(batch, job, crashing, chance)
        except CrashError:
            continue
    _finish(batch, job, store, chance)
    return job


@pytest.mark.parametrize("group", range(GROUPS))
def test_no_row_is_lost_or_doubled(
    group: int, batch: SimpleNamespace, known: Truth, tmp_path: Path
) -> None:
    """Every row has one line in the output or one in the errors, with the estimator's prediction.

    Also after crashes between any two writes, lost answers, retried chunks, and chunks that two
    processes score. The failing seed is in the message.
    """
    for seed in range(group * SPLITS // GROUPS, (group + 1) * SPLITS // GROUPS):
        folder = tmp_path / str(seed)
        folder.mkdir()
        job = batch.inside(lambda seed=seed, folder=folder: _case(batch, known, seed, folder), None)
        assert list(differences(job, known)) == [], f"seed {seed}"
        assert json.loads((job.output / "_SUCCESS").read_text())["rows"] == sum(
            len(file.rows) for file in job.files
        ), f"seed {seed}"
