"""Inputs and outputs in S3, with the permissions of `mldeploy iam policy` and no others."""

from typing import Any

import pytest

from mldeploy.config import BatchConfig
from mldeploy.config.freeze import with_batches
from mldeploy.errors import MldeployError
from mldeploy.invoke.batch.buckets import Bucket, objects_of, require_apart, require_beneath
from mldeploy.invoke.batch.jobs import Settings, plan_job
from mldeploy.invoke.batch.storage import claim
from tests.strict.aws import Call, RefusedError, StrictAws
from tests.strict.calls import BEFORE
from tests.support.stacks import REGION, config, context

IN, OUT = "s3://data/in/", "s3://data/out/monday/"
PREFIXES = BatchConfig(inputs=(IN,), outputs=("s3://data/out/",))


@pytest.fixture
def client(aws: StrictAws, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The program's client of S3, beside a bucket with files."""
    # moto 5.2.5 stores the frames of a body with a trailing checksum as part of it.
    monkeypatch.setenv("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
    aws.least.settings = with_batches(config(batch=PREFIXES))
    ours = aws.client("s3")
    ours.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": REGION})
    for name in ("b.csv", "a.jsonl", "deep/c.CSV", "_job/d.csv", ".e.csv", "readme.txt"):
        ours.put_object(Bucket="data", Key=f"in/{name}", Body=b"x\n1\n")
    ours.put_object(Bucket="data", Key="in-other/f.csv", Body=b"x\n1\n")
    return context(aws.put_image).clients.client("s3")


def names(uri: str, client: Any) -> list[str]:
    return [one.uri.removeprefix("s3://data/") for one in objects_of(uri, client)]


def test_an_input_is_an_object_or_what_is_beneath_a_prefix(client: Any) -> None:
    """Other ends, hidden names and neighbours with a longer prefix are left out."""
    every = ["in/a.jsonl", "in/b.csv", "in/deep/c.CSV"]
    assert names(IN, client) == every
    assert names("s3://data/in/deep/", client) == ["in/deep/c.CSV"]
    assert names("s3://data/in/b.csv", client) == ["in/b.csv"]
    (found,) = objects_of("s3://data/in/b.csv", client)
    assert (found.size, found.format, len(found.etag)) == (4, "csv", 34)
    with pytest.raises(MldeployError) as caught:
        objects_of("s3://data/in/none/", client)
    assert caught.value.code == "MLD640"


def test_rows_in_another_format_are_refused_and_not_left_out(aws: StrictAws, client: Any) -> None:
    """As those of this machine; hidden ones may have any format."""
    theirs = aws.client("s3")
    theirs.put_object(Bucket="data", Key="in/_old/f.csv.gz", Body=b"x")
    assert names("s3://data/in/", client) == names(IN, client)
    theirs.put_object(Bucket="data", Key="in/f.csv.gz", Body=b"x")
    with pytest.raises(MldeployError, match=r"s3://data/in/f\.csv\.gz has a format") as caught:
        objects_of(IN, client)
    assert caught.value.code == "MLD640"


def test_one_job_owns_an_output(client: Any) -> None:
    """Its claim is a conditional write: of two jobs the second is refused, the same one goes on."""
    storage = Bucket(OUT, client)
    files = objects_of(IN, client)
    job = plan_job(files, Settings("r1", "m1"))
    assert not claim(job, storage, OUT, overwrite=False)
    assert claim(job, storage, OUT, overwrite=False)
    assert not storage.create("_job/job.json", b"another")
    with pytest.raises(MldeployError) as caught:
        claim(plan_job(files, Settings("r2", "m1")), storage, OUT, overwrite=False)
    assert caught.value.code == "MLD641"
    storage.put("mine.txt", b"kept")
    assert not claim(plan_job(files, Settings("r2", "m1")), storage, OUT, overwrite=True)
    assert storage.names() == ["_job/chunks.jsonl", "_job/job.json", "mine.txt"]


def test_a_missing_object_is_none_though_s3_says_denied(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GetObject says so to who may list some prefixes alone; an object that exists is an error."""

    def denied(_aws: StrictAws, _call: Call) -> None:
        raise RefusedError("AccessDenied", "Access Denied", 403)

    storage = Bucket(OUT, client)
    storage.put("there", b"1")
    monkeypatch.setitem(BEFORE, "s3:GetObject", [denied])
    assert storage.get("missing") is None
    with pytest.raises(Exception, match="AccessDenied"):
        storage.get("there")


@pytest.mark.parametrize(
    ("uri", "fits"),
    [
        ("s3://data/in/", True),
        ("s3://data/in/a.csv", True),
        ("s3://data/in", False),
        ("s3://data/in-other/a.csv", False),
        ("s3://other/in/a.csv", False),
        ("in/a.csv", False),
    ],
)
def test_what_the_role_does_not_reach_is_refused(uri: str, *, fits: bool) -> None:
    """With the name of the key."""
    if fits:
        require_beneath(uri, (IN,), "inputs")
        return
    with pytest.raises(MldeployError) as caught:
        require_beneath(uri, (IN,), "inputs")
    assert caught.value.code == "MLD640"
    assert "`inputs`" in f"{caught.value}{caught.value.hint}" or "isn't in S3" in str(caught.value)


@pytest.mark.parametrize(
    ("source", "output", "apart"),
    [
        ("s3://b/in/", "s3://b/out/", True),
        ("s3://b/in/", "s3://b/in/out/", False),
        ("s3://b/in/x.csv", "s3://b/in/", False),
        ("s3://b/in", "s3://b/in/", False),
        ("s3://b/in", "s3://b/in-2/", True),
    ],
)
def test_an_output_lies_beside_its_input(source: str, output: str, *, apart: bool) -> None:
    """Else the next job would score predictions."""
    if apart:
        require_apart(source, output)
        return
    with pytest.raises(MldeployError):
        require_apart(source, output)
