"""Downloads of a registry's blobs, and the URLs of uploads."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

from mldeploy.errors import MldeployError
from mldeploy.http.streams import Incoming


@dataclass(frozen=True)
class Blob:
    """A blob as in a manifest: its digest, and its size in bytes."""

    digest: str
    size: int


def upload_url(begun: str, headers: Mapping[str, str], digest: str) -> str:
    """Return the URL to upload a blob to (specification, "Pushing a blob monolithically").

    Args:
        begun: the URL that the upload was started at.
        headers: of that response; `location` may be relative and have a query.
        digest: of the blob.
    """
    place = urljoin(begun, headers.get("location", ""))
    joined = "&" if urlsplit(place).query else "?"
    return f"{place}{joined}{urlencode({'digest': digest})}"


class Arriving:
    """A stream of a blob that is being downloaded, with a check of its digest."""

    def __init__(self, answer: Incoming, blob: Blob, root: str) -> None:
        self._chunks, self._rest = answer.chunks(), b""
        self._blob, self._root = blob, root
        self._seen, self._length = hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes; b"" at the end.

        Raises:
            MldeployError: MLD358 if the content has another digest.
        """
        if not self._rest:
            self._rest = next(self._chunks, b"")
            self._seen.update(self._rest)
            self._length += len(self._rest)
        found = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(found) :]
        ends = not self._rest and (self._length >= self._blob.size or not found)
        if ends and f"sha256:{self._seen.hexdigest()}" != self._blob.digest:
            raise failed(self._root, f"the content of {self._blob.digest} has another digest")
        return found


def failed(root: str, why: str) -> MldeployError:
    """Return the error for a registry that violates its specification."""
    return MldeployError(
        "MLD358",
        f"the registry {urlsplit(root).netloc} failed: {why}",
        "run the command again; blobs that were uploaded aren't sent again",
    )
