"""A batch job on S3, as moto has it."""

import importlib
import json
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws

from tests.image.test_batch import GOOD, HEADER
from tests.support.batches import image_of
from tests.support.models import COMPILED, FRAME, bundle_of, handler_of, task_of


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    task = task_of(bundle_of(FRAME, COMPILED), tmp_path_factory.mktemp("task") / "task")
    return image_of(handler_of(task))


def test_a_job_on_s3(image: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts, errors and success are objects below the prefix; a replaced input is refused."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        image.inside(lambda: _job(image), None)


def _job(image: SimpleNamespace) -> None:
    s3 = importlib.import_module("endpoint.batch.s3")
    s3.client.cache_clear()
    client: Any = s3.client()
    client.create_bucket(Bucket="lake")
    bad = GOOD.replace("30", "old")
    content = f"{HEADER}\n{GOOD}\n{bad}\n{GOOD}\n".encode()
    etag = client.put_object(Bucket="lake", Key="in/a.csv", Body=content)["ETag"]
    file = {"uri": "s3://lake/in/a.csv", "etag": etag, "size": len(content), "format": "csv"}
    cuts = [0, 70, len(content)]
    chunks = [
        {"part": f"part-{n:05}-0000000{n}", "file": file, "start": cuts[n], "end": cuts[n + 1]}
        for n in range(2)
    ]
    raw = "".join(f"{json.dumps(one)}\n" for one in chunks).encode()
    client.put_object(Bucket="lake", Key="out/_job/chunks.jsonl", Body=raw)
    job: dict[str, Any] = {
        "release": "r1",
        "model_sha256": "0",
        "columns": ["id"],
        "output": "jsonl",
    }
    job |= {"max_errors": 5, "chunks_sha256": image.gathering.hashlib.sha256(raw).hexdigest()}
    store = s3.S3Store("s3://lake/out")
    assert image.gathering.gather(job, store)["again"] == 2
    todo = client.get_object(Bucket="lake", Key="out/_job/chunks-todo.jsonl")["Body"].read()
    assert todo == raw
    for chunk in chunks:
        image.scoring.score(job, chunk, store, image.model)
    assert image.gathering.gather(job, store)["again"] == 0
    listed = client.list_objects_v2(Bucket="lake")["Contents"]
    bodies = {one["Key"]: client.get_object(Bucket="lake", Key=one["Key"])["Body"].read()
              for one in listed}  # fmt: skip
    parts = [body for name, body in sorted(bodies.items()) if name.startswith("out/part-")]
    rows = [json.loads(line) for line in b"".join(parts).splitlines()]
    assert [row["release"] for row in rows] == ["r1", "r1"]
    (errors,) = (body for name, body in bodies.items() if name.startswith("out/errors/"))
    assert (json.loads(errors)["file"], json.loads(errors)["row"]) == ("s3://lake/in/a.csv", 1)
    assert json.loads(bodies["out/_SUCCESS"])["rows"] == 3
    assert not [name for name in bodies if "tmp" in name or "todo" in name]
    client.put_object(Bucket="lake", Key="in/a.csv", Body=content + b"x")
    store.delete(["_job/done/part-00000-00000000.json", "_job/nothing"])
    with pytest.raises(Exception, match="has changed") as raised:
        image.scoring.score(job, chunks[0], store, image.model)
    assert type(raised.value).__name__ == "InputError"
    client.delete_object(Bucket="lake", Key="in/a.csv")
    with pytest.raises(Exception, match="doesn't exist any more"):
        image.scoring.score(job, chunks[0], store, image.model)


def test_an_image_without_botocore_says_what_it_needs(
    image: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an error that no retry repeats."""
    s3 = importlib.import_module("endpoint.batch.s3")
    s3.client.cache_clear()
    monkeypatch.setitem(sys.modules, "botocore.session", None)
    with pytest.raises(image.stores.InputError, match="has no botocore"):
        s3.client()
