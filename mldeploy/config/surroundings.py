"""A function's surroundings: a VPC, a dead-letter target, traces."""

import re
from dataclasses import dataclass
from typing import Annotated

from mldeploy.config.fields import Check
from mldeploy.facts.quotas import SECURITY_GROUPS, SUBNETS

# The ids have EC2's form.
_SUBNET = re.compile(r"subnet-[0-9a-f]{8,17}")
_GROUP = re.compile(r"sg-[0-9a-f]{8,17}")
# Lambda developer guide, "Adding a dead-letter queue": a standard queue or topic.
_TARGET = re.compile(r"arn:aws[a-z-]*:(sqs|sns):[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+")
# Lambda API reference, AddPermission: StatementId.
_STATEMENT = re.compile(r"[A-Za-z0-9_-]{1,100}")


def subnet(value: str) -> str:
    """Check a subnet's id."""
    return _checked(value, _SUBNET, "must be a subnet's id, subnet-<hexadecimal digits>")


def group(value: str) -> str:
    """Check a security group's id."""
    return _checked(value, _GROUP, "must be a security group's id, sg-<hexadecimal digits>")


def few_subnets(value: list[str]) -> list[str]:
    """Check the number of subnets."""
    return _counted(value, SUBNETS)


def few_groups(value: list[str]) -> list[str]:
    """Check the number of security groups."""
    return _counted(value, SECURITY_GROUPS)


def target(value: str) -> str:
    """Check the ARN of a dead-letter target."""
    return _checked(value, _TARGET, "must be the ARN of a standard SQS queue or SNS topic")


def statement(value: str) -> str:
    """Check the id of a statement in a function's policy."""
    return _checked(value, _STATEMENT, "must be a statement's id: letters, digits, _ and -")


def _checked(value: str, pattern: re.Pattern[str], allowed: str) -> str:
    if not pattern.fullmatch(value):
        raise ValueError(allowed)
    return value


def _counted(value: list[str], most: int) -> list[str]:
    if len(value) > most:
        message = f"may have up to {most} ids"
        raise ValueError(message)
    return value


@dataclass(frozen=True)
class VpcConfig:
    """A function's place in a VPC."""

    subnets: Annotated[
        tuple[Annotated[str, Check(subnet)], ...],
        "Ids of subnets, in several availability zones if possible.",
        Check(few_subnets),
    ] = ()
    security_groups: Annotated[
        tuple[Annotated[str, Check(group)], ...], "Ids of security groups.", Check(few_groups)
    ] = ()
