"""Inputs and outputs in S3, with the botocore of AWS's base images."""

import os
from collections.abc import Iterable, Iterator
from functools import cache
from typing import IO, Any

from endpoint.batch.stores import File, InputError, changed

_MISSING = {"NoSuchKey", "404", "NotFound"}
_DENIED = {"AccessDenied", "403"}
"""What S3 says of a missing object to a role that may not list the bucket (API reference,
GetObject); the role's permission to list some prefixes isn't considered then."""
_AT_ONCE = 1000
"""The most keys of one DeleteObjects (API reference)."""


class S3Store:
    """An output below "s3://bucket/prefix/"."""

    def __init__(self, output: str) -> None:
        self._bucket, self._prefix = parts_of(output if output.endswith("/") else f"{output}/")
        self._client = client()

    def read(self, file: File, start: int, end: int) -> bytes:
        """Return a range of an object whose ETag is the planned one."""
        from botocore.exceptions import ClientError

        if start >= end:
            return b""
        bucket, key = parts_of(file["uri"])
        wanted = {"Range": f"bytes={start}-{end - 1}", "IfMatch": file["etag"]}
        try:
            answer = self._client.get_object(Bucket=bucket, Key=key, **wanted)
        except ClientError as error:
            match code_of(error):
                case "PreconditionFailed" | "412":
                    raise changed(file) from error
                case code if code in _MISSING:
                    raise InputError(f"{file['uri']} doesn't exist any more") from error
            raise
        return bytes(answer["Body"].read())

    def get(self, name: str) -> bytes | None:
        """Return an object, or None."""
        from botocore.exceptions import ClientError

        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)
        except ClientError as error:
            code = code_of(error)
            if code in _MISSING or (code in _DENIED and name not in self.sizes(name)):
                return None
            raise
        return bytes(answer["Body"].read())

    def put(self, name: str, content: IO[bytes]) -> None:
        """Write an object; S3 shows it when it is complete."""
        content.seek(0)
        self._client.put_object(Bucket=self._bucket, Key=self._prefix + name, Body=content)

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects.

        Raises:
            RuntimeError: if S3 kept one.
        """
        keys = [{"Key": self._prefix + name} for name in names]
        for start in range(0, len(keys), _AT_ONCE):
            wanted = {"Objects": keys[start : start + _AT_ONCE], "Quiet": True}
            answer = self._client.delete_objects(Bucket=self._bucket, Delete=wanted)
            for error in answer.get("Errors", []):
                raise RuntimeError(f"S3 didn't delete {error.get('Key')}: {error.get('Code')}")

    def sizes(self, prefix: str) -> dict[str, int]:
        """Return the names and sizes of objects."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + prefix
        )
        return dict(self._named(pages))

    def _named(self, pages: Iterable[dict[str, Any]]) -> Iterator[tuple[str, int]]:
        for page in pages:
            for found in page.get("Contents", []):
                yield found["Key"].removeprefix(self._prefix), found["Size"]


def parts_of(uri: str) -> tuple[str, str]:
    """Return bucket and key of "s3://bucket/key"."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def code_of(error: Any) -> str:
    """Return the code of a ClientError."""
    return str(error.response.get("Error", {}).get("Code", ""))


@cache
def client() -> Any:
    """Return the client of this environment.

    Raises:
        InputError: if the base image isn't AWS's and has no botocore.
    """
    try:
        from botocore.config import Config
        from botocore.session import Session
    except ImportError:
        raise InputError(
            "the image has no botocore to read S3 with: add it to [image] requirements"
        ) from None

    # Many chunks begin at once: S3 answers 503 SlowDown until it has scaled.
    retries = {"mode": "standard", "total_max_attempts": 8}
    # An emulated S3 has no DNS name per bucket.
    style = {"addressing_style": "path"} if os.environ.get("AWS_ENDPOINT_URL") else {}
    return Session().create_client("s3", config=Config(retries=retries, s3=style))
