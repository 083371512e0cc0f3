"""Compression whose bytes depend on the content alone."""

import gzip
import hashlib
import subprocess
from io import BytesIO

import pytest

from mldeploy.images.direct.gzipped import Gzip

MEGABYTE = 1 << 20
CONTENTS = {
    "nothing": b"",
    "a byte": b"x",
    "a block": bytes(range(256)) * 4096,
    "more than a block": bytes(range(256)) * 4096 + b"y",
    "many blocks": hashlib.sha256(b"seed").digest() * 100_000 + bytes(3 * MEGABYTE),
}


def compressed(content: bytes, workers: int, piece: int = 10_000_000) -> tuple[bytes, Gzip]:
    file = BytesIO()
    with Gzip(file, workers) as stream:
        for start in range(0, len(content), piece):
            stream.write(content[start : start + piece])
    return file.getvalue(), stream


@pytest.mark.parametrize("name", CONTENTS)
def test_others_read_what_is_written(name: str) -> None:
    """Python's gzip and the gzip program get the content back; digests and sizes are right."""
    content = CONTENTS[name]
    written, stream = compressed(content, 2)
    assert gzip.decompress(written) == content
    command = ["gzip", "--decompress", "--stdout"]
    assert subprocess.run(command, input=written, capture_output=True, check=True).stdout == content
    assert stream.digest == f"sha256:{hashlib.sha256(written).hexdigest()}"
    assert stream.content_digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert (stream.size, stream.length) == (len(written), len(content))


@pytest.mark.parametrize("name", CONTENTS)
def test_workers_and_pieces_change_nothing(name: str) -> None:
    """One processor or eight, written at once or in pieces that fit no block."""
    content = CONTENTS[name]
    expected, _ = compressed(content, 1)
    assert compressed(content, 8)[0] == expected
    assert compressed(content, 3, piece=777_777)[0] == expected


def test_what_repeats_is_small() -> None:
    """Blocks that know nothing of each other cost little."""
    content = CONTENTS["many blocks"]
    assert len(compressed(content, 2)[0]) < 1.1 * len(gzip.compress(content, 6))
