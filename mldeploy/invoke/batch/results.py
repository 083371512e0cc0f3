"""Results of batch jobs."""

from dataclasses import dataclass, field

from mldeploy.text.data import HIDDEN, InJson, in_json


@dataclass(frozen=True)
class Estimate:
    """What a job will probably take, from a sample of its first rows.

    Attributes:
        rows: of all inputs.
        seconds: from start to end.
        price: in USD on AWS's list prices; None on this machine.
        sample_rows: rows that were scored for this.
    """

    rows: int
    seconds: float = field(metadata=in_json(InJson(digits=1)))
    price: float | None = field(metadata=in_json(InJson(digits=6)))
    sample_rows: int


@dataclass(frozen=True)
class PlannedBatch:
    """A job that wasn't started: --dry-run.

    Attributes:
        engine: "local" or "stepfunctions".
        output: where its parts would be.
        files: inputs.
        size: bytes of all inputs.
        chunks: how many parts there would be.
        estimate: rows, time and price; None if the sample doesn't show them.
    """

    engine: str
    output: str
    files: int
    size: int = field(metadata=in_json(InJson(key="bytes")))
    chunks: int
    estimate: Estimate | None


@dataclass(frozen=True)
class FailedRow:
    """A row without a prediction.

    Attributes:
        file: of the row.
        row: its number in the file, from 0, without the header.
        reason: why.
    """

    file: str
    row: int
    reason: str


@dataclass(frozen=True)
class BatchResult:
    """A finished job.

    Attributes:
        engine: "local" or "stepfunctions".
        output: where its parts are.
        rows: rows of the inputs.
        errors: rows without a prediction.
        warned: rows with a value unlike the training data.
        parts: chunks.
        resumed: chunks that were done before this run.
        seconds: of this run.
        release: of the function.
        model_sha256: of the model's file.
        first_errors: the first rows without a prediction.
    """

    engine: str
    output: str
    rows: int
    errors: int
    warned: int
    parts: int
    resumed: int
    seconds: float = field(metadata=in_json(InJson(digits=1)))
    release: str
    model_sha256: str
    first_errors: tuple[FailedRow, ...] = field(default=(), metadata=HIDDEN)
