"""Checks of single values in mldeploy.toml, without AWS calls.

Each check takes a value and returns it, or raises ValueError with a sentence that states what is
allowed and doesn't repeat the value, which may be secret; the caller shows it if allowed.
"botocore: X" means the shape X in botocore's service model.
"""

import json
import math
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from mldeploy.config.names import DEFAULT_HANDLER, NAME
from mldeploy.config.requirement import problem_of
from mldeploy.facts.quotas import (
    ENVIRONMENT_BYTES,
    HANDLER_LENGTH,
    RESERVED_VARIABLES,
    RETENTION_DAYS,
    ROLE_POLICIES,
    TAG_KEY_LENGTH,
    TAG_VALUE_LENGTH,
    TAGS,
)

KEEP = (1, 100)
BODY = (1_000, 5_500_000)  # Lambda accepts 6 MB, including the envelope
ROWS = (1, 1_000_000)
CANARY_SECONDS = (60, 24 * 3600)
CANARY_REQUESTS = (10, 1_000_000)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}
USER_TAGS = TAGS - 2
"""Two are used by mldeploy."""
# botocore iam: tagKeyType [\p{L}\p{Z}\p{N}_.:/=+\-@]; \w replaces letters and digits
_TAG_TEXT = re.compile(r"[\w .:/=+\-@]*")

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""AWS's supported base images."""

_VARIABLES = frozenset(
    {
        *("_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV"),
        *("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
        *("AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE"),
        *("AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API"),
        *("AWS_LAMBDA_MAX_CONCURRENCY", "AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_METADATA_TOKEN"),
        *("AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
    }
)
_VARIABLE = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+")  # botocore lambda: EnvironmentVariableName

# botocore lambda: FunctionName's ARN pattern contains the forms of region names
_REGION = re.compile(r"(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d")
_ROLE_ARN = re.compile(r"arn:aws[a-zA-Z-]*:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
_POLICY_ARN = re.compile(r"arn:aws[a-zA-Z-]*:iam::(\d{12}|aws):policy/[\w+=,.@/-]+", re.ASCII)

_HANDLER = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)


def require(fits: object, allowed: str) -> None:
    """Raise ValueError with `allowed` unless a value fits."""
    if not fits:
        raise ValueError(allowed)


def name(value: str) -> str:
    """Check a project, stage or function name."""
    require(
        NAME.fullmatch(value),
        "must be lower-case letters and digits, joined by single hyphens, "
        "beginning with a letter (such as iris-2)",
    )
    return value


def region(value: str) -> str:
    """Check a region's syntax, not whether it exists."""
    require(_REGION.fullmatch(value), "must be an AWS region, such as eu-central-1")
    return value


def role_arn(value: str) -> str:
    """Check the ARN of a role."""
    require(_ROLE_ARN.fullmatch(value), "must be arn:aws:iam::<12 digits>:role/<name>")
    return value


def policy_arn(value: str) -> str:
    """Check the ARN of a managed policy, such as a permissions boundary."""
    require(_POLICY_ARN.fullmatch(value), "must be arn:aws:iam::<12 digits>:policy/<name>")
    return value


def few(value: list[str]) -> list[str]:
    """Check the number of a role's managed policies."""
    require(len(value) <= ROLE_POLICIES, f"may have up to {ROLE_POLICIES} policies")
    return value


def handler(value: str) -> str:
    """Check a handler, module:function."""
    require(
        _HANDLER.fullmatch(value) and len(value) <= HANDLER_LENGTH,
        f"must be module:function, such as app.main:handle, up to {HANDLER_LENGTH} characters",
    )
    require(
        value == DEFAULT_HANDLER or not value.startswith(("endpoint.", "endpoint:")),
        f"must be in your own module; {DEFAULT_HANDLER} is mldeploy's",
    )
    return value


def variable(value: str) -> str:
    """Check the name of an environment variable of a function."""
    require(
        value not in RESERVED_VARIABLES,
        "is reserved: Lambda sets it itself",
    )
    require(not value.upper().startswith("MLDEPLOY_"), "is reserved for mldeploy")
    require(
        _VARIABLE.fullmatch(value),
        "must begin with a letter and have two or more letters, digits or underscores",
    )
    return value


def environment(value: dict[str, Any]) -> dict[str, Any]:
    """Check the size of a function's environment, counting only strings.

    Lambda measures it as compact JSON ("exceeded the 4KB limit. String measured: {...}",
    github-aws-runners/terraform-aws-github-runner#3594). mldeploy's own variable counts too.
    """
    size = environment_bytes({name: text for name, text in value.items() if isinstance(text, str)})
    require(size <= ENVIRONMENT_BYTES, f"is {size} bytes; Lambda accepts {ENVIRONMENT_BYTES}")
    return value


def environment_bytes(value: Mapping[str, str]) -> int:
    """Return the size of an environment as Lambda counts it, including mldeploy's variables."""
    whole = {**value, "MLDEPLOY_RELEASE": "0" * 64}
    return len(json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode())


def tag_key(value: str) -> str:
    """Check a tag's key."""
    require(
        not value.lower().startswith(("aws:", "mldeploy:")),
        "must not begin with aws: or mldeploy:, which are reserved",
    )
    require(
        0 < len(value) <= TAG_KEY_LENGTH and _TAG_TEXT.fullmatch(value),
        f"must be 1 to {TAG_KEY_LENGTH} letters, digits, spaces and _.:/=+-@",
    )
    return value


def tag_value(value: str) -> str:
    """Check a tag's value."""
    require(
        len(value) <= TAG_VALUE_LENGTH and _TAG_TEXT.fullmatch(value),
        f"must be up to {TAG_VALUE_LENGTH} letters, digits, spaces and _.:/=+-@",
    )
    return value


def tags(value: dict[str, str]) -> dict[str, str]:
    """Check the number of tags, and that no two keys differ only in case."""
    require(
        len(value) <= USER_TAGS,
        f"may have up to {USER_TAGS} tags: AWS accepts {TAGS}, and mldeploy uses two",
    )
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html: not case sensitive
    lowered = {key.lower() for key in value}
    require(
        len(lowered) == len(value),
        "has keys that differ only in case, which IAM doesn't distinguish",
    )
    return value


def retention(value: int) -> int:
    """Check the days of log retention."""
    days = ", ".join(map(str, RETENTION_DAYS))
    require(value in RETENTION_DAYS, f"must be a number of days that CloudWatch accepts: {days}")
    return value


def rate(value: float) -> float:
    """Check a rate in requests per second."""
    require(math.isfinite(value) and value > 0, "must be more than 0 requests per second")
    return value


def inside(value: str) -> str:
    """Check a path that must be relative and stay inside the project."""
    path = PurePosixPath(value)
    require(
        value.strip()
        and "\\" not in value
        and value.isprintable()
        and not path.is_absolute()
        and ".." not in path.parts,
        "must be a path inside the project, relative to it, without `..`",
    )
    return value


def requirement(value: str) -> str:
    """Check a requirement."""
    problem = problem_of(value)
    require(not problem, problem)
    return value


def index_url(value: str) -> str:
    """Check a package index's URL, which may contain credentials and is never shown."""
    require(
        re.fullmatch(r"https?://\S+", value),
        "must begin with https:// or http:// and contain no spaces",
    )
    return value


def image_name(value: str) -> str:
    """Check a base image's name loosely; the registry checks the rest."""
    require(
        re.fullmatch(r"(?!.*//)[a-zA-Z0-9][\w.:/@-]*", value, re.ASCII),
        "must be the name of an image, such as public.ecr.aws/lambda/python:3.12",
    )
    return value


def share_of(value: str) -> float:
    """Return "10%" as 0.1.

    Raises:
        ValueError: unless it is 0% to less than 100%.
    """
    found = re.fullmatch(r"(\d{1,2}(?:\.\d{1,2})?) ?%", value, re.ASCII)
    require(found, "must be 0% to less than 100%, such as 10%")
    return round(float(found[1]) / 100, 4) if found else 0.0


def seconds_of(value: str) -> int:
    """Return "90s", "10m" or "1h" in seconds.

    Raises:
        ValueError: unless it is one minute to one day.
    """
    seconds = duration_in_seconds(value)
    low, high = CANARY_SECONDS
    require(low <= seconds <= high, "must be 1m to 24h, such as 10m")
    return seconds


def duration_in_seconds(value: str) -> int:
    """Return "90s", "10m", "2h" or "1d" in seconds, and 0 for anything else."""
    found = re.fullmatch(r"(\d{1,5}) ?([smhd])", value, re.ASCII)
    return int(found[1]) * _UNITS[found[2]] if found else 0
