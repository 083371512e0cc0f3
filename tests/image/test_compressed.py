"""Compressed bodies, made by Python's own zlib and by the `gzip` command."""

import gzip
import json
import subprocess
import sys
import tracemalloc
import zlib
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.events import CONTEXT, answered, http, routed

Handler = Callable[[Any, Any], Any]
ROW = [5.1, 3.5, 1.4, 0.2]
BODY = json.dumps({"features": ROW}).encode()
PACKED = gzip.compress(BODY, mtime=0)
"""Without a time: the ids of tests have to be equal in every process."""
ZLIB, BARE = zlib.MAX_WBITS, -zlib.MAX_WBITS
MOST = 1_000_000


def deflated(body: bytes, window: int) -> bytes:
    """Return a zlib stream (RFC 1950), or a bare deflate stream (RFC 1951)."""
    stream = zlib.compressobj(wbits=window)
    return stream.compress(body) + stream.flush()


def by_command(body: bytes) -> bytes:
    """Return what the `gzip` command makes of a body."""
    return subprocess.run(["gzip", "-c"], input=body, capture_output=True, check=True).stdout


def encoded(body: bytes, **headers: str) -> dict[str, Any]:
    """Return an event as API Gateway makes one of a body that isn't text."""
    told = {"content-type": "application/json", **headers}
    return http(b64encode(body).decode(), headers=told, isBase64Encoded=True)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", PACKED),
        ("GZIP", by_command(BODY)),
        ("x-gzip", gzip.compress(b"\xef\xbb\xbf" + BODY, mtime=0)),
        ("identity, gzip", PACKED),
        ("deflate", deflated(BODY, ZLIB)),
        ("deflate", deflated(BODY, BARE)),
        ("identity", BODY),
    ],
)
def test_gzip_and_deflate_are_decoded(iris_handler: Handler, coding: str, body: bytes) -> None:
    """The answer is that to the plain body. RFC 9110's deflate is zlib's; some send it bare."""
    _, plain = answered(iris_handler, http({"features": ROW}))
    status, found = answered(iris_handler, encoded(body, **{"Content-Encoding": coding}))
    assert status == 200, found
    assert found["prediction"] == plain["prediction"]


def test_v2_and_csv_are_decoded_too(iris_handler: Handler) -> None:
    """Every format is read after it is decompressed."""
    tensor = {"name": "x", "datatype": "FP64", "shape": [1, 4], "data": ROW}
    packed = b64encode(gzip.compress(json.dumps({"inputs": [tensor]}).encode())).decode()
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    infer = routed("POST /v2/models/predict/infer", packed, headers=headers, isBase64Encoded=True)
    assert answered(iris_handler, infer)[0] == 200
    names = ",".join(f'"{one} {two} (cm)"' for one in ("sepal", "petal") for two in SIZES)
    csv = f"{names}\n{','.join(map(str, ROW))}\n".encode()
    event = encoded(deflated(csv, ZLIB), **{"content-encoding": "deflate"})
    event["headers"]["content-type"] = "text/csv"
    assert answered(iris_handler, event)[0] == 200


SIZES = ("length", "width")
BOM = b"\xef\xbb\xbf"
TENSOR = {"name": "x", "datatype": "FP64", "shape": [1, 4], "data": ROW}


@pytest.mark.parametrize(
    ("route", "kind", "body"),
    [
        ("POST /predict", "application/json", BODY),
        ("POST /predict", "application/jsonlines", json.dumps(ROW).encode()),
        ("POST /invocations", "application/json", json.dumps({"inputs": [ROW]}).encode()),
        ("POST /v1/models/{model}", "application/json", json.dumps({"inputs": [ROW]}).encode()),
        (
            "POST /v2/models/predict/infer",
            "application/json",
            json.dumps({"inputs": [TENSOR]}).encode(),
        ),
    ],
)
def test_every_format_skips_a_byte_order_mark(
    iris_handler: Handler, route: str, kind: str, body: bytes
) -> None:
    """Windows' editors and PowerShell write one before JSON (RFC 8259, 8.1)."""
    told = {"headers": {"content-type": kind}, "isBase64Encoded": True}
    path = "/v1/models/predict:predict" if "{" in route else route.partition(" ")[2]
    parameters = {"model": "predict:predict"}
    event = {**routed(route, b64encode(BOM + body).decode(), **told), "rawPath": path}
    found = iris_handler({**event, "pathParameters": parameters}, CONTEXT)
    assert found["statusCode"] == 200, found


@pytest.mark.parametrize(
    ("coding", "says"),
    [
        ("br", "content-encoding br;"),
        ("zstd", "content-encoding zstd;"),
        ("gzip, gzip", "more than one content-encoding;"),
        ("<script>", "content-encoding; send"),
    ],
)
def test_another_coding_is_415(iris_handler: Handler, coding: str, says: str) -> None:
    """It is named if it is known, and what to send instead; what a client made up isn't shown."""
    status, problem = answered(iris_handler, encoded(BODY, **{"content-encoding": coding}))
    assert status == 415
    assert says in problem["detail"]
    assert "gzip or deflate" in problem["detail"]
    assert "script" not in problem["detail"]


@pytest.mark.parametrize(
    ("coding", "body", "says"),
    [
        ("gzip", BODY, "isn't compressed with gzip"),
        ("gzip", deflated(BODY, ZLIB), "isn't compressed with gzip"),
        ("gzip", PACKED[:-9], "is cut off"),
        ("gzip", PACKED[:-8] + b"\0" * 8, "isn't compressed with gzip"),
        ("gzip", PACKED + b"x", "bytes follow the end"),
        ("gzip", gzip.compress(b"", mtime=0), "no body"),
        ("deflate", BODY, "isn't compressed with deflate"),
        ("deflate", deflated(BODY, BARE)[:-2], "is cut off"),
        ("deflate", b"\xff\xff", "isn't compressed with deflate"),
    ],
)
def test_a_broken_stream_is_400(iris_handler: Handler, coding: str, body: bytes, says: str) -> None:
    """Another format, a cut, a wrong checksum, more behind the end."""
    status, problem = answered(iris_handler, encoded(body, **{"content-encoding": coding}))
    assert (status, says in problem["detail"]) == (400, True), problem


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_413_and_never_inflated_whole(iris_handler: Handler, coding: str) -> None:
    """Of 300 MB in 300 kB no more than the limit is held; a body of just the limit is taken."""
    stream = zlib.compressobj(wbits=31 if coding == "gzip" else ZLIB)
    zeros = b"0" * 1_000_000
    bomb = b"".join(stream.compress(zeros) for _ in range(300)) + stream.flush()
    event = encoded(bomb, **{"content-encoding": coding})
    answered(iris_handler, encoded(PACKED, **{"content-encoding": "gzip"}))
    tracemalloc.start()
    try:
        status, problem = answered(iris_handler, event)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (status, "1000000 bytes" in problem["detail"]) == (413, True), problem
    assert peak < 10 * MOST
    padded = BODY + b" " * (MOST - len(BODY))
    for size, expected in ((0, 200), (1, 413)):
        body = deflated(padded + b" " * size, ZLIB)
        assert answered(iris_handler, encoded(body, **{"content-encoding": "deflate"}))[0] == (
            expected
        )


def test_gzip_without_its_header_is_named(iris_handler: Handler) -> None:
    """To say "not UTF-8" alone would send people looking for an umlaut."""
    status, problem = answered(iris_handler, encoded(PACKED))
    assert (status, "content-encoding: gzip" in problem["detail"]) == (400, True)


def test_a_start_imports_no_decompression(iris_handler: Handler) -> None:
    """The module is imported for the first body that needs it."""
    sys.modules.pop("endpoint.compressed", None)
    answered(iris_handler, http({"features": ROW}))
    assert "endpoint.compressed" not in sys.modules
