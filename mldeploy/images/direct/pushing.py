"""Pushes an image: the missing blobs, several at a time, then the manifest."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from typing import IO

from mldeploy.events import Emit, Progress
from mldeploy.http.blobs import Blob
from mldeploy.http.repository import Repository
from mldeploy.images.builder import ImageRef
from mldeploy.images.direct.made import Made, Part
from mldeploy.text.digests import registry_digest

_WORKERS = 4


@dataclass(frozen=True)
class _Job:
    """A blob to send: its name in messages, its content, and a repository to mount it from."""

    name: str
    blob: Blob
    opened: Callable[[], AbstractContextManager[IO[bytes]]]
    mount: str = ""


@dataclass
class _Sent:
    """Counts the bytes that are sent, from any thread, and tells how far each blob is."""

    emit: Emit
    total: int = 0
    _under_way: dict[str, tuple[int, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def counted(self, job: _Job) -> Iterator[IO[bytes]]:
        """Open a blob's content and count what is read; another attempt counts from 0."""
        with self._lock:
            self._under_way[job.name] = 0, job.blob.size
        try:
            with job.opened() as content:
                yield _Counted(content, partial(self._add, job))  # type: ignore[misc]
        finally:
            with self._lock:
                del self._under_way[job.name]

    def _add(self, job: _Job, count: int) -> None:
        with self._lock:
            self.total += count
            done, size = self._under_way[job.name]
            self._under_way[job.name] = done + count, size
            parts = self._under_way.items()
            percents = (f"{name} {100 * done // max(1, size)} %" for name, (done, size) in parts)
            self.emit(Progress("push", ", ".join(percents), self.total))


def push(made: Made, target: Repository, tag: str, emit: Emit) -> ImageRef:
    """Push an image. The manifest is last, because it refers to all blobs.

    Args:
        made: the image.
        target: the repository.
        tag: of the image in the repository.
        emit: receives the progress.

    Raises:
        MldeployError: MLD358 or MLD359 about a registry, MLD504 and others about the network.
    """
    sent = _Sent(emit)
    jobs = [*_of_base(made, target), *(_of_part(made, one, target) for one in made.parts)]
    with ThreadPoolExecutor(_WORKERS) as pool:
        try:
            were_sent = list(pool.map(partial(_upload, target, sent), jobs))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    content = made.documents.configuration
    blob = Blob(registry_digest(content), len(content))
    _upload(target, sent, _Job("configuration", blob, partial(_in_memory, content)))
    stored = target.put_manifest(tag, made.documents.media_type, made.documents.manifest)
    return ImageRef(stored.digest, sent.total, sum(were_sent), len(were_sent) - sum(were_sent))


def _of_base(made: Made, target: Repository) -> Iterator[_Job]:
    """Yield the base's layers, which are streamed from registry to registry."""
    source = made.base_repository
    mount = source.name if source.root == target.root else ""
    for number, blob in enumerate(made.base.blobs, start=1):
        name = f"layer {number} of the base image"
        yield _Job(name, blob, partial(source.stream, blob), mount)


def _of_part(made: Made, part: Part, target: Repository) -> _Job:
    blob, previous = Blob(part.layer.digest, part.layer.size), made.previous
    there = part.file is None and previous is not None and previous.root == target.root
    mount = previous.name if previous and there else ""
    return _Job(part.name, blob, partial(made.opened, part), mount)


def _upload(target: Repository, sent: _Sent, job: _Job) -> bool:
    return target.upload(job.blob, partial(sent.counted, job), mount=job.mount)


class _Counted:
    """A stream that reports how many bytes are read."""

    def __init__(self, stream: IO[bytes], tell: Callable[[int], None]) -> None:
        self._stream, self._tell = stream, tell

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(size)
        self._tell(len(content))
        return content


@contextmanager
def _in_memory(content: bytes) -> Iterator[IO[bytes]]:
    yield BytesIO(content)
