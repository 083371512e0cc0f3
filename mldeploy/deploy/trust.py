"""IAM documents besides the policy: the deployer's trust policy and the permissions boundary."""

import re
from dataclasses import dataclass
from typing import Any

from mldeploy.aws.clients import Account
from mldeploy.config import Config
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.resources.bucket_access import bucket_statements
from mldeploy.resources.log_group import PREFIX
from mldeploy.resources.secret_access import access_statements
from mldeploy.resources.states_policy import states_statements
from mldeploy.resources.surroundings_access import surroundings_statements

_ISSUER = "token.actions.githubusercontent.com"
_AUDIENCE = "sts.amazonaws.com"
_NAME = r"[A-Za-z0-9_.-]+"
_REPOSITORY = re.compile(rf"({_NAME})(?:@(\d+))?/({_NAME})(?:@(\d+))?", re.ASCII)
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_IN_ARN = re.compile(r"arn:[^:]+:iam::(\d{12}):", re.ASCII)
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "eusc-": "aws-eusc"}
"""By prefix of the region's name (botocore's partitions.json); all others are "aws"."""


@dataclass(frozen=True)
class Workflow:
    """A GitHub Actions workflow that deploys.

    Attributes:
        repository: OWNER/NAME, or OWNER@ID/NAME@ID.
        branch: whose pushes may deploy.
        environment: the job's GitHub environment; "" for none. It replaces the branch: a
            token contains one of the two.
    """

    repository: str
    branch: str = "main"
    environment: str = ""

    def subjects(self) -> list[str]:
        """Return the subjects that its tokens may have.

        Repositories created, renamed or transferred since 2026-07-15 send their ids with the
        names, others don't (GitHub documentation, "OpenID Connect reference"). If ids are given,
        both forms are returned. The older form is safe, because a repository that takes over the
        name is new and sends its own ids.

        Raises:
            MldeployError: MLD486 for an invalid repository.
        """
        found = _REPOSITORY.fullmatch(self.repository)
        if not found or (found[2] is None) != (found[4] is None):
            raise MldeployError(
                "MLD486",
                f"--github {self.repository!r} isn't a GitHub repository",
                "use OWNER/NAME or OWNER@ID/NAME@ID; `gh api repos/OWNER/NAME` shows both ids",
                exit_code=ExitCode.USAGE,
            )
        where = f"environment:{self.environment}" if self.environment else self._ref()
        names = [f"repo:{found[1]}/{found[3]}"]
        if found[2]:
            names.append(f"repo:{found[1]}@{found[2]}/{found[3]}@{found[4]}")
        return [f"{name}:{where}" for name in names]

    @property
    def has_ids(self) -> bool:
        """Whether the repository includes its ids."""
        return "@" in self.repository

    def _ref(self) -> str:
        return f"ref:refs/heads/{self.branch}"


def github_trust(config: Config, workflow: Workflow, account: str | None) -> dict[str, Any]:
    """Return the trust policy of a role that a workflow assumes to deploy.

    Tokens are compared exactly: AWS advises against wildcards, and a pull request's token has
    another subject (GitHub documentation, "Configuring OpenID Connect
    in Amazon Web Services").

    Args:
        config: of the stage.
        workflow: who may deploy.
        account: the AWS account's id; None to take it from [role] of the file.

    Raises:
        MldeployError: MLD485 if the account isn't known, MLD486 for an invalid repository.
    """
    number = _account(config, account)
    provider = f"arn:{partition_of(config.region)}:iam::{number}:oidc-provider/{_ISSUER}"
    return _document(
        {
            "Sid": "MldeployGithub",
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    f"{_ISSUER}:aud": _AUDIENCE,
                    f"{_ISSUER}:sub": workflow.subjects(),
                }
            },
        }
    )


def boundary(config: Config) -> dict[str, Any]:
    """Return a permissions boundary for the functions' roles with what the functions need.

    A role has the permissions that its policy and its boundary both allow (IAM user guide,
    "Permissions boundaries for IAM entities").
    """
    where = Account(id="*", region=config.region or "*", partition="*")
    logs = where.arn("logs", f"log-group:{PREFIX}{config.project_prefix}*")
    write = {
        "Sid": "MldeployLogs",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": logs,
    }
    secrets = {one for function in config.functions for one in function.secrets}
    placed = [one for function in config.functions for one in surroundings_statements(function)]
    once = [one for number, one in enumerate(placed) if one not in placed[:number]]
    return _document(write, *access_statements(secrets, where), *once, *_batches(config, where))


def _batches(config: Config, where: Account) -> list[dict[str, Any]]:
    """Return the statements for the batch function's objects and for the state machine."""
    function = config.batches
    if function is None:
        return []
    name = f"{config.project_prefix}*"
    return [
        *bucket_statements(function.reads, function.writes, where.partition),
        *states_statements(name, function.writes, where),
    ]


def partition_of(region: str) -> str:
    """Return the partition of a region."""
    return next((it for start, it in _PARTITIONS.items() if region.startswith(start)), "aws")


def _account(config: Config, given: str | None) -> str:
    if given is not None and not _ACCOUNT.fullmatch(given):
        raise MldeployError(
            "MLD485",
            f"--account {given!r} isn't an AWS account id",
            "use the 12 digits that `aws sts get-caller-identity` shows",
            exit_code=ExitCode.USAGE,
        )
    named = [config.role.arn or "", config.role.permissions_boundary or ""]
    found = [given] if given else [match[1] for one in named if (match := _IN_ARN.match(one))]
    if not found:
        raise MldeployError(
            "MLD485",
            "the AWS account is unknown, and a trust policy contains its id",
            "pass its 12 digits with --account",
            exit_code=ExitCode.USAGE,
        )
    return found[0]


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
