"""How many rows of a job in S3 are done, by the records that the function writes."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from mldeploy.invoke.batch.buckets import Bucket
from mldeploy.resources.base import Context

DONE = "_job/done/"
_AT_ONCE = 8


@dataclass(frozen=True)
class Scored:
    """Rows of the chunks that are done, and how many of them have no prediction."""

    rows: int = 0
    errors: int = 0


class Tally:
    """Counts a job's rows; reads each record only once.

    Args:
        output: the job's, as a URI.
        context: for AWS.
    """

    def __init__(self, output: str, context: Context) -> None:
        self._clients = context.clients
        self._storage = Bucket(output, context.clients.client("s3"))
        self._known: dict[str, Scored] = {}

    def count(self) -> Scored:
        """Return the rows that are done now."""
        names = set(self._storage.names(DONE))
        self._known = {name: one for name, one in self._known.items() if name in names}
        self._known |= self._read(sorted(names - self._known.keys()))
        found = self._known.values()
        return Scored(sum(one.rows for one in found), sum(one.errors for one in found))

    def _read(self, names: Iterable[str]) -> dict[str, Scored]:
        with self._clients.workers(_AT_ONCE) as pool:
            records = zip(names, pool.map(self._storage.get, names), strict=True)
            return {name: _scored(record) for name, record in records if record}


def _scored(record: bytes) -> Scored:
    """Return the counts of a record; that of a chunk whose file can't be cut has none."""
    found = json.loads(record)
    return Scored(found.get("rows", 0), found.get("errors", 0))
