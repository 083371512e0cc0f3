"""Compressed bodies: gzip and deflate. Imported for the first request that has one."""

import zlib

from endpoint.problem import ProblemError

_OTHERS = ("br", "zstd", "compress")
_GZIP = zlib.MAX_WBITS | 16
"""A gzip member alone (zlib manual, inflateInit2)."""
_METHOD, _MULTIPLE = 8, 31
"""How a zlib stream begins: the method's nibble, and what the first two bytes are a multiple of
(RFC 1950, 2.2)."""


def inflated(raw: bytes, coding: str, most_bytes: int) -> bytes:
    """Return a body without its compression; no more than `most_bytes` are ever decompressed.

    Args:
        raw: the body.
        coding: the header `content-encoding`.
        most_bytes: the limit of the decompressed body.

    Raises:
        ProblemError: 400 if the body isn't compressed that way, 413 if it is too large, 415 for
            another compression, or more than one.
    """
    names = [name for part in coding.split(",") if (name := part.strip().lower()) != "identity"]
    match names:
        case []:
            return raw
        case ["gzip" | "x-gzip"]:  # RFC 9110, 8.4.1.3
            return _whole(raw, _GZIP, "gzip", most_bytes)
        case ["deflate"]:
            return _whole(raw, _window_of(raw), "deflate", most_bytes)
        case [other]:
            # An unknown encoding isn't repeated: the header may contain anything.
            known = next((name for name in _OTHERS if name in other), "")
            raise ProblemError(415, f"{f'unsupported content-encoding {known}'.rstrip()}; {_FIX}")
        case _:
            raise ProblemError(415, f"unsupported: more than one content-encoding; {_FIX}")


_FIX = "send the body uncompressed, without the header, or compressed with gzip or deflate"


def _window_of(raw: bytes) -> int:
    """Return zlib's `wbits`. RFC 9110 means zlib's format; some clients send bare deflate."""
    zlib_format = raw[0] & 0x0F == _METHOD and int.from_bytes(raw[:2]) % _MULTIPLE == 0
    return zlib.MAX_WBITS if zlib_format else -zlib.MAX_WBITS


def _whole(raw: bytes, window: int, name: str, most_bytes: int) -> bytes:
    stream = zlib.decompressobj(window)
    try:
        found = stream.decompress(raw, most_bytes + 1)
    except zlib.error as error:
        raise ProblemError(400, f"the body isn't compressed with {name}") from error
    if len(found) > most_bytes:
        raise ProblemError(
            413, f"the decompressed body has more than the {most_bytes} bytes that are allowed"
        )
    if not stream.eof:
        raise ProblemError(400, f"the body compressed with {name} is cut off")
    if stream.unused_data:
        raise ProblemError(400, f"bytes follow the end of the body compressed with {name}")
    if not found:
        raise ProblemError(400, "the request has no body")
    return found
