"""Blobs of a registry while they arrive."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

from mldeploy.errors import MldeployError
from mldeploy.http.streams import Incoming


@dataclass(frozen=True)
class Blob:
    """What a manifest says of a blob: its digest, and its size in bytes."""

    digest: str
    size: int


def upload_url(begun: str, headers: Mapping[str, str], digest: str) -> str:
    """Return where a blob's content goes (specification, "Pushing a blob monolithically").

    Args:
        begun: the URL that began the upload.
        headers: of its answer; `location` may be relative and have a query.
        digest: of the blob.
    """
    place = urljoin(begun, headers.get("location", ""))
    joined = "&" if urlsplit(place).query else "?"
    return f"{place}{joined}{urlencode({'digest': digest})}"


class Arriving:
    """A blob that is read as it arrives, and held to its digest."""

    def __init__(self, answer: Incoming, blob: Blob, root: str) -> None:
        self._chunks, self._rest = answer.chunks(), b""
        self._blob, self._root = blob, root
        self._seen, self._length = hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        """Return at most so many bytes; b"" at the end.

        Raises:
            MldeployError: MLD358 for a content of another digest.
        """
        if not self._rest:
            self._rest = next(self._chunks, b"")
            self._seen.update(self._rest)
            self._length += len(self._rest)
        found = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(found) :]
        ends = not self._rest and (self._length >= self._blob.size or not found)
        if ends and f"sha256:{self._seen.hexdigest()}" != self._blob.digest:
            raise failed(self._root, f"what it sent as {self._blob.digest} has another digest")
        return found


def failed(root: str, why: str) -> MldeployError:
    """Return the error of a registry that doesn't do what its specification says."""
    return MldeployError(
        "MLD358",
        f"the registry {urlsplit(root).netloc} failed: {why}",
        "run the command again; what has arrived stays there and isn't sent twice",
    )
