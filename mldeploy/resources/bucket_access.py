"""Permissions for the S3 objects beneath prefixes, and nothing else in their buckets."""

from collections.abc import Iterable, Iterator
from typing import Any

READ = ("s3:GetObject",)
WRITE = ("s3:DeleteObject", "s3:GetObject", "s3:PutObject")
LIST = ("s3:ListBucket",)


def parts_of(uri: str) -> tuple[str, str]:
    """Return bucket and key of "s3://bucket/key"."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def objects_of(prefixes: Iterable[str], partition: str, below: str = "*") -> tuple[str, ...]:
    """Return patterns of the objects' ARNs. `below`: of the keys' rest."""
    found = [parts_of(one) for one in prefixes]
    return tuple(f"arn:{partition}:s3:::{bucket}/{key}{below}" for bucket, key in found)


def lists(prefixes: Iterable[str], partition: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each bucket's ARN with the condition that only these prefixes are listed.

    Amazon S3 user guide, "Bucket policy examples using condition keys": `s3:prefix`.
    """
    found = sorted({parts_of(one) for one in prefixes})
    for bucket in dict.fromkeys(bucket for bucket, _ in found):
        keys = [f"{key}*" for other, key in found if other == bucket]
        yield f"arn:{partition}:s3:::{bucket}", {"StringLike": {"s3:prefix": keys}}


def bucket_statements(
    reads: tuple[str, ...], writes: tuple[str, ...], partition: str
) -> list[dict[str, Any]]:
    """Return the statements for prefixes that are read, and for those that are written, too."""
    statements: list[dict[str, Any]] = []
    for actions, prefixes in ((READ, reads), (WRITE, writes)):
        if prefixes:
            statements.append(_allow(actions, sorted(set(objects_of(prefixes, partition)))))
    for bucket, condition in lists((*reads, *writes), partition):
        statements.append({**_allow(LIST, [bucket]), "Condition": condition})
    return statements


def _allow(actions: tuple[str, ...], resources: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources}
