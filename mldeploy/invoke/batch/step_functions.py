"""The engine that scores in the stage's batch function, with a Step Functions state machine."""

import json
import secrets

from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note
from mldeploy.invoke.batch.buckets import Bucket
from mldeploy.invoke.batch.engines import Document, no_pyarrow, sample_chunk
from mldeploy.invoke.batch.executions import Pinned, start
from mldeploy.invoke.batch.following import follow
from mldeploy.invoke.batch.jobs import CHUNKS, JOB, Job
from mldeploy.invoke.batch.price import Rates
from mldeploy.invoke.batch.storage import SUCCESS
from mldeploy.invoke.batch.tally import DONE, Tally
from mldeploy.resources.base import Context

_TEMPORARY = "_job/tmp/"


class StepFunctions:
    """Runs a job in the live version of the batch function. See `Engine`.

    Args:
        pinned: the version.
        rates: to show the cost so far.
        context: for AWS.
    """

    name = "stepfunctions"

    def __init__(self, pinned: Pinned, rates: Rates, context: Context) -> None:
        self._pinned, self._rates, self._context = pinned, rates, context

    def begin(self, output: str) -> str:
        """Start what is left of a job, and return the execution's id.

        Raises:
            MldeployError: MLD647 if an execution of this output runs.
        """
        return start(output, self._pinned, self._context)

    def sample(self, job: Job, output: str) -> Document:
        """Score the first bytes of a job below the output's `_job/tmp/`, and delete that.

        Returns:
            The chunk's record, with "bytes_read" and "processes".

        Raises:
            MldeployError: MLD643 if that fails.
        """
        client = self._context.clients.client("s3")
        place = f"{output}{_TEMPORARY}sample-{secrets.token_hex(8)}/"
        storage = Bucket(place, client)
        chunk = sample_chunk(job)
        document, _ = job.documents()
        try:
            storage.put(JOB, document)
            storage.put(CHUNKS, b"")
            found = self._invoked({"mldeploy": "batch", "output": place, "chunk": chunk})
        finally:
            storage.delete(storage.names())
        return {"bytes_read": chunk["end"], **found, "processes": self._rates.concurrency}

    def _invoked(self, event: Document) -> Document:
        answer = self._context.clients.invoked.invoke(
            FunctionName=self._pinned.function,
            Qualifier=self._pinned.version,
            Payload=json.dumps(event).encode(),
        )
        payload: Document = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            message = payload.get("errorMessage", "no reason given")
            if payload.get("errorType") == "NoPyarrowError":
                raise no_pyarrow(message, deploy=True)
            raise MldeployError(
                "MLD643",
                f"a sample can't be scored: {message}",
                "fix the input, or see the logs of the function: `mldeploy logs`",
            )
        return payload

    def run(self, job: Job, output: str, emit: Emit) -> Document:
        """Score what is left of a job; return the counts of the whole.

        Raises:
            MldeployError: MLD647 if it runs already, MLD648 if it fails, MLD130 after Ctrl-C.
        """
        del job  # its documents are in the output
        storage = Bucket(output, self._context.clients.client("s3"))
        before = len(storage.names(DONE))
        name = self.begin(output)
        emit(Note(f"started the job {name}; Ctrl-C leaves it running"))
        tally = Tally(output, self._context)
        follow(name, self._pinned.function, self._rates, tally, self._context)
        return {**counts_of(storage), "resumed": before}


def counts_of(storage: Bucket) -> Document:
    """Return what a finished job's `_SUCCESS` says.

    Raises:
        MldeployError: MLD648 if it isn't there.
    """
    found = storage.get(SUCCESS)
    if found is None:
        raise MldeployError(
            "MLD648",
            f"the job has ended, but its output has no {SUCCESS}",
            "run the same command again; don't change the output while a job writes to it",
        )
    counts: Document = json.loads(found)
    return counts
