"""Jobs: chunks, documents and the one job that owns an output, as pure decisions."""

import json
from collections.abc import Iterable
from dataclasses import replace

import pytest

from mldeploy.errors import MldeployError
from mldeploy.invoke.batch.engines import sample_chunk
from mldeploy.invoke.batch.estimates import estimate_of
from mldeploy.invoke.batch.jobs import JOB, File, Job, Settings, chunk_size, columns_of, plan_job
from mldeploy.invoke.batch.storage import claim

SETTINGS = Settings("local", "a" * 64)
LAKE = File("c.parquet", "3", 100, "parquet")
FILES = (File("a.csv", "1", 25, "csv"), File("b.jsonl", "2", 7, "jsonl"))


class Memory:
    """An output in memory, which may crash at a write."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.left = 1000

    def _write(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt

    def get(self, name: str) -> bytes | None:
        """Return a file."""
        return self.files.get(name)

    def create(self, name: str, content: bytes) -> bool:
        """Write a new file."""
        self._write()
        return self.files.setdefault(name, content) is content

    def put(self, name: str, content: bytes) -> None:
        """Write a file."""
        self._write()
        self.files[name] = content

    def delete(self, names: Iterable[str]) -> None:
        """Delete files."""
        for name in names:
            self._write()
            del self.files[name]

    def names(self, start: str = "") -> list[str]:
        """Return names."""
        return sorted(name for name in self.files if name.startswith(start))


def test_chunks_cover_every_byte_once() -> None:
    """In the order of the files; the names sort in that order, and depend on the content."""
    job = plan_job(FILES, SETTINGS, 10)
    ranges = [(one["file"]["uri"], one["start"], one["end"]) for one in job.chunks]
    assert ranges == [("a.csv", 0, 10), ("a.csv", 10, 20), ("a.csv", 20, 25), ("b.jsonl", 0, 7)]
    names = [one["part"] for one in job.chunks]
    assert names == sorted(names)
    other = plan_job([replace(FILES[0], etag="3"), FILES[1]], SETTINGS, 10)
    assert not {one["part"] for one in other.chunks[:3]} & set(names)
    other = plan_job(FILES, replace(SETTINGS, columns=("id",)), 10)
    assert not {one["part"] for one in other.chunks} & set(names)
    other = plan_job(FILES, replace(SETTINGS, max_errors=7), 10)
    assert [one["part"] for one in other.chunks] == names
    assert plan_job(FILES, SETTINGS, 10) == job


@pytest.mark.parametrize(
    ("total", "size"), [(1, 1 << 20), (64 << 20, 2 << 20), (1 << 40, 16 << 20)]
)
def test_the_size_of_a_chunk_depends_on_the_input_alone(total: int, size: int) -> None:
    """So that a job can be continued on another machine."""
    assert chunk_size(total) == size


def test_columns_are_named_once() -> None:
    assert columns_of(" id, name,,id ") == ("id", "name")
    assert columns_of(None) == ()


def job(**more: object) -> Job:
    return plan_job(FILES, replace(SETTINGS, **more), 10)  # type: ignore[arg-type]


def test_the_first_job_owns_an_output() -> None:
    """An equal one continues it, with another limit of errors, too; others are refused."""
    output = Memory()
    assert not claim(job(), output, "out", overwrite=False)
    assert claim(job(max_errors=5), output, "out", overwrite=False)
    assert json.loads(output.files[JOB])["max_errors"] == 5
    for name, value, meant in (
        ("release", "b", "the release"),
        ("model_sha256", "b", "the model"),
        ("columns", ("id",), "--columns"),
    ):
        with pytest.raises(MldeployError, match=f"different: {meant}"):
            claim(job(**{name: value}), output, "out", overwrite=False)
    with pytest.raises(MldeployError, match="different: the input"):
        claim(plan_job(FILES[:1], SETTINGS, 10), output, "out", overwrite=False)
    with pytest.raises(MldeployError, match="different: the format of the output, the input"):
        claim(plan_job([LAKE], SETTINGS, 10), output, "out", overwrite=False)


def test_the_output_is_parquet_if_all_inputs_are() -> None:
    """Else JSON Lines, which can hold the rows of all; an empty file isn't an input."""
    empty = File("d.csv", "4", 0, "csv")
    assert plan_job([LAKE, empty], SETTINGS).settings.output == "parquet"
    assert plan_job([LAKE, *FILES], SETTINGS).settings.output == "jsonl"


def test_a_sample_is_of_the_file_that_may_be_refused() -> None:
    """Parquet needs a library that the image may not have; a row group may have many rows."""
    found = sample_chunk(plan_job([*FILES, LAKE], SETTINGS, 10))
    assert (found["file"]["uri"], found["start"], found["most_rows"]) == ("c.parquet", 0, 20_000)
    assert "most_rows" not in sample_chunk(plan_job(FILES, SETTINGS, 10))


def test_two_jobs_that_begin_at_once() -> None:
    """The one whose claim came second is refused, though it saw an empty output."""

    class Late(Memory):
        def create(self, name: str, content: bytes) -> bool:
            if not self.files:
                super().create(name, job(columns=("id",)).documents()[0])
            return super().create(name, content)

    output = Late()
    with pytest.raises(MldeployError, match="different: --columns"):
        claim(job(), output, "out", overwrite=False)


@pytest.mark.parametrize("writes", range(12))
def test_an_overwrite_that_crashes_can_be_repeated(writes: int) -> None:
    """It never leaves parts that a later job would take for its own, and deletes nobody's file."""
    output = Memory()
    claim(job(columns=("id",)), output, "out", overwrite=False)
    part = "part-00000-0123abcd.jsonl"
    ours = (part, f"errors/{part}", "_SUCCESS", "_job/done/a.json", "_job/errors/b.jsonl")
    theirs = ("part-1.jsonl", "errors/mine", "notes.txt", "_job/lock")
    output.files |= dict.fromkeys((*ours, *theirs), b"")
    output.left = writes
    try:
        claim(job(), output, "out", overwrite=True)
    except KeyboardInterrupt:
        output.left = 1000
        if part in output.files:
            with pytest.raises(MldeployError):
                claim(job(), output, "out", overwrite=False)
        claim(job(), output, "out", overwrite=True)
    assert output.names() == sorted(("_job/chunks.jsonl", JOB, *theirs))


SAMPLE = {"rows": 10, "seconds": 2.0, "bytes_read": 8, "processes": 2}


def test_an_estimate_scales_the_sample() -> None:
    """Rows by bytes, time by bytes and processes; it is unknown if the sample shows nothing."""
    found = estimate_of(job(), SAMPLE)
    assert found is not None
    assert (found.rows, found.seconds, found.sample_rows) == (40, 4.0, 10)
    for more in ({"again": True}, {"stopped": True}, {"rows": 0}):
        assert estimate_of(job(), {**SAMPLE, **more}) is None
