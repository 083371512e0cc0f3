"""Batch scoring: [batch]."""

import re
from dataclasses import dataclass, replace
from typing import Annotated

from mldeploy.config.fields import Check, Within
from mldeploy.config.functions import FunctionConfig
from mldeploy.config.limits import require
from mldeploy.config.texts import Name
from mldeploy.facts.quotas import EXPRESS_SECONDS, MEMORY

CONCURRENCY = (1, 1000)
SUFFIX = "-batch"
"""Of the name of the function that scores in batches, after the function whose model it has."""
ROLE_SUFFIX = "_states"
"""Of the name of the state machine's role, after that of the function's role."""

# Amazon S3 user guide, "General purpose buckets naming rules".
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/", re.ASCII)


def prefix(value: str) -> str:
    """Check a prefix of S3 objects, in the form of a URI that ends with a slash."""
    found = _BUCKET.match(value)
    fits = found and value.endswith("/") and value.isprintable() and not set(value) & set("*?$")
    require(
        fits,
        'must be "s3://BUCKET/PREFIX/": a bucket of 3 to 63 characters, a slash at the end, and '
        "without wildcards",
    )
    return value


@dataclass(frozen=True)
class BatchConfig:
    """Batch scoring with the same image: `mldeploy batch`."""

    function: Annotated[
        Name,
        "The function whose model scores. Default: the only function that serves a model.",
    ] = ""
    inputs: Annotated[
        tuple[Annotated[str, Check(prefix)], ...],
        "Prefixes that jobs may read, such as s3://bucket/in/.",
    ] = ()
    outputs: Annotated[
        tuple[Annotated[str, Check(prefix)], ...],
        "Prefixes that jobs may read, write and delete, such as s3://bucket/out/.",
    ] = ()
    memory: Annotated[
        int, "Memory in MB of each environment; 1769 MB give one full vCPU.", Within(MEMORY, "MB")
    ] = 1769
    timeout: Annotated[
        int,
        "The timeout of one chunk in seconds; at most 300, because an Express workflow ends then.",
        Within((1, EXPRESS_SECONDS), "seconds"),
    ] = 120
    concurrency: Annotated[
        int,
        "How many chunks are scored at once. It is reserved for batches, so that they can't take "
        "the endpoint's share of the account.",
        Within(CONCURRENCY, "environments"),
    ] = 50


def scorer(batch: BatchConfig, functions: tuple[FunctionConfig, ...]) -> FunctionConfig | None:
    """Return the function whose model scores, or None if that isn't clear."""
    served = [one for one in functions if not one.custom]
    if batch.function:
        served = [one for one in served if one.name == batch.function]
    return served[0] if len(served) == 1 else None


def batch_function(batch: BatchConfig, function: FunctionConfig) -> FunctionConfig:
    """Return the function that scores in batches: the same image, without a route."""
    return replace(
        function,
        name=f"{function.name}{SUFFIX}",
        route="",
        paths=(),
        memory=batch.memory,
        timeout=batch.timeout,
        keep_warm=None,
        provisioned_concurrency=0,
        reserved_concurrency=batch.concurrency,
        scores=function.name,
        permissions=(),
        dead_letter="",
        reads=batch.inputs,
        writes=batch.outputs,
    )


def is_batch(name: str) -> bool:
    """Return whether a function with this name may be one that scores in batches."""
    return name.endswith(SUFFIX)
