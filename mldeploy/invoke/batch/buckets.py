"""Inputs and outputs in S3, as a job's planning sees them."""

from collections.abc import Iterable, Sequence
from typing import Any

from mldeploy.aws.codes import says_missing
from mldeploy.aws.errors import error_code
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.invoke.batch.jobs import KINDS, File, format_of, is_input, overlap
from mldeploy.resources.bucket_access import parts_of

_AT_ONCE = 1000
"""Keys of one request (botocore s3: DeleteObjects)."""
_DENIED = {"AccessDenied", "403"}
"""What S3 says of a missing object to who may not list the bucket (API reference, GetObject); a
permission for some prefixes isn't considered then."""
_TAKEN = {"PreconditionFailed", "ConditionalRequestConflict"}
"""Another object of that name exists, or is being written (Amazon S3 user guide, "How to prevent
object overwrites with conditional writes")."""


def require_beneath(uri: str, prefixes: Sequence[str], key: str) -> None:
    """Refuse a URI that the batch function's role doesn't reach.

    Args:
        uri: such as "s3://bucket/in/a.csv".
        prefixes: of [batch].
        key: of [batch] that has these prefixes.

    Raises:
        MldeployError: MLD640.
    """
    if not uri.startswith("s3://"):
        raise MldeployError(
            "MLD640",
            f"{uri} isn't in S3, and Step Functions reads and writes nothing else",
            "give s3://BUCKET/PREFIX/, or pass --engine local",
            exit_code=ExitCode.USAGE,
        )
    if not uri.startswith(tuple(prefixes)):
        raise MldeployError(
            "MLD640",
            f"{uri} is beneath none of `{key}` in [batch]: {', '.join(prefixes)}",
            f"add its prefix to `{key}` in [batch] and run `mldeploy deploy`, or give a URI "
            "beneath one of them",
            exit_code=ExitCode.USAGE,
        )


def require_apart(source: str, output: str) -> None:
    """Refuse an output that the next job would read, and one that contains the input.

    Raises:
        MldeployError: MLD640.
    """
    folder = source if source.endswith("/") else f"{source}/"
    if output.startswith(folder) or folder.startswith(output):
        raise overlap(source, output)


def objects_of(uri: str, client: Any) -> tuple[File, ...]:
    """Return the files of an input: the object, or those below a prefix, by their names.

    Raises:
        MldeployError: MLD640 if there is none, or if one has a format that isn't supported.
    """
    bucket, key = parts_of(uri)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
    listed = [one for page in pages for one in page.get("Contents", ())]
    below = key if not key or key.endswith("/") else f"{key}/"
    wanted = [one for one in listed if one["Key"] == key and key != below] or [
        one
        for one in listed
        if one["Key"].startswith(below) and is_input(one["Key"][len(below) :].split("/"))
    ]
    if not wanted:
        raise MldeployError(
            "MLD640",
            f"{uri} has no files to score",
            f"give an object, or a prefix of objects that end with {', '.join(KINDS)}",
        )
    return tuple(
        File(name, one["ETag"], one["Size"], format_of(name))
        for one in sorted(wanted, key=lambda one: str(one["Key"]))
        for name in [f"s3://{bucket}/{one['Key']}"]
    )


class Bucket:
    """An output in S3. See `Storage`.

    Args:
        uri: "s3://bucket/prefix/".
        client: boto3's of S3.
    """

    def __init__(self, uri: str, client: Any) -> None:
        self._bucket, self._prefix = parts_of(uri if uri.endswith("/") else f"{uri}/")
        self._client = client

    def get(self, name: str) -> bytes | None:
        """Return an object, or None."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)
        except Exception as error:
            code = error_code(error)
            if says_missing(code) or (code in _DENIED and name not in self.names(name)):
                return None
            raise
        return bytes(answer["Body"].read())

    def create(self, name: str, content: bytes) -> bool:
        """Write a new object; return False if there is one."""
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=self._prefix + name, Body=content, IfNoneMatch="*"
            )
        except Exception as error:
            # A lost response may have been the success of this very call: `claim` compares then.
            if error_code(error) in _TAKEN:
                return False
            raise
        return True

    def put(self, name: str, content: bytes) -> None:
        """Write an object."""
        self._client.put_object(Bucket=self._bucket, Key=self._prefix + name, Body=content)

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects.

        Raises:
            MldeployError: MLD640 if S3 refuses one.
        """
        keys = [{"Key": self._prefix + name} for name in names]
        for start in range(0, len(keys), _AT_ONCE):
            wanted = {"Objects": keys[start : start + _AT_ONCE], "Quiet": True}
            answer = self._client.delete_objects(Bucket=self._bucket, Delete=wanted)
            for error in answer.get("Errors", ()):
                raise MldeployError(
                    "MLD640",
                    f"S3 didn't delete {error.get('Key')}: {error.get('Message')}",
                    "run the same command again: it goes on from here",
                )

    def names(self, start: str = "") -> list[str]:
        """Return the names of objects."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + start
        )
        keys = (str(one["Key"]) for page in pages for one in page.get("Contents", ()))
        return sorted(key.removeprefix(self._prefix) for key in keys)
