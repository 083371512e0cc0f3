"""The engine of this machine: the served form of the model in processes.

They run as those of `mldeploy serve`, and each scores one chunk at a time.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from mldeploy.config import Config, FunctionConfig
from mldeploy.errors import MldeployError
from mldeploy.events import Emit
from mldeploy.files.scratch import Scratch
from mldeploy.invoke.batch.engines import Document, no_pyarrow, reasons_of, rounds, sample_chunk
from mldeploy.invoke.batch.folders import Folder
from mldeploy.invoke.batch.jobs import CHUNKS, JOB, Job
from mldeploy.local.environments.pool import Pool
from mldeploy.local.environments.runs import Outcome
from mldeploy.local.ways.ready import RELEASE
from mldeploy.local.ways.runnable import way_of
from mldeploy.local.ways.staging import recipe

_PATIENCE = 7 * 24 * 3600
"""Seconds for a chunk: a file that can't be cut is one, however long it is."""
_KEPT_LINES = 20


@contextmanager
def local_engine(
    config: Config, function: FunctionConfig, processes: int, emit: Emit, say: Callable[[str], None]
) -> Iterator["LocalEngine"]:
    """Yield the engine, whose processes end with the block.

    Raises:
        MldeployError: of reading the bundle; MLD602 without AWS's runtime client.
    """
    lines: deque[str] = deque(maxlen=_KEPT_LINES)
    with way_of(config, emit, say, docker=False) as way:
        ready = way.prepare(recipe(config.of_model(function.model)))
        for remark in ready.remarks:
            say(remark)
        patient = replace(function, timeout=_PATIENCE)
        pool = Pool(ready.environments(patient, lines.append), processes + 1, lines.append)
        try:
            yield LocalEngine(pool, processes, lines)
        finally:
            pool.end()


class LocalEngine:
    """Scores chunks in processes. See `Engine`."""

    name = "local"
    release = RELEASE

    def __init__(self, pool: Pool, processes: int, lines: deque[str]) -> None:
        self._pool, self._processes, self._lines = pool, processes, lines

    def sample(self, job: Job) -> Document:
        """Score the first bytes of a job into a temporary folder."""
        chunk = sample_chunk(job)
        with Scratch() as folder:
            output = Folder(folder)
            document, _ = job.documents()
            output.put(JOB, document)
            output.put(CHUNKS, b"")
            found = self._send("batch", folder, chunk=chunk)
        return {"bytes_read": chunk["end"], **found, "processes": self._processes}

    def run(self, job: Job, output: Path, emit: Emit) -> Document:
        """Score what is left of a job."""
        del job  # its documents are in the output

        def lines(name: str) -> list[Document]:
            return [json.loads(one) for one in (output / name).read_bytes().splitlines()]

        return rounds(
            lambda: self._send("batch-gather", output),
            lambda chunks: self._scored(output, chunks),
            lines,
            emit,
        )

    def _scored(self, output: Path, chunks: list[Document]) -> Iterator[Document]:
        """Yield records as chunks are done; after a failure no further chunk begins."""
        left = iter(chunks)
        threads = ThreadPoolExecutor(self._processes)
        try:
            running: set[Future[Document]] = set()
            while True:
                for chunk in islice(left, self._processes - len(running)):
                    running.add(threads.submit(self._send, "batch", output, chunk=chunk))
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for one in done:
                    yield one.result()
        finally:
            # Interrupted: the processes are ended, which ends the threads.
            threads.shutdown(wait=False, cancel_futures=True)

    def _send(self, kind: str, output: Path, **more: Any) -> Document:
        event = json.dumps({"mldeploy": kind, "output": f"{output.resolve()}/", **more}).encode()
        outcome = self._pool.invoke(event, _PATIENCE)
        if outcome.answer is None:
            raise self._failure(outcome, output)
        found: Document = json.loads(outcome.answer)
        return found

    def _failure(self, outcome: Outcome, output: Path) -> MldeployError:
        told = json.loads(outcome.error or b"{}")
        message = told.get("errorMessage", outcome.problem)
        match told.get("errorType"):
            case "NoPyarrowError":
                return no_pyarrow(message, here=find_spec("pyarrow") is not None)
            case "InputError":
                return MldeployError(
                    "MLD644",
                    message,
                    "fix the input, then run the same command again; with another input, pass "
                    "--overwrite",
                )
            case "TooManyErrorsError":
                return MldeployError(
                    "MLD645",
                    message,
                    f"fix the input, or allow more with --max-errors; {output}/_job/errors lists "
                    "the reasons by chunk",
                    details=reasons_of(Folder(output)),
                )
            case _:
                return MldeployError(
                    "MLD643",
                    f"a chunk can't be scored: {message}",
                    "run `mldeploy invoke --process`, which shows whether the model can predict; "
                    "then run the same command again",
                    details=tuple(("log", line) for line in self._lines),
                )
