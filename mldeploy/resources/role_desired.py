"""Derives the roles of a stage: who assumes each, and what it permits."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from mldeploy.config import FunctionConfig
from mldeploy.config.batch import is_batch
from mldeploy.resources.base import canonical
from mldeploy.resources.bucket_access import bucket_statements
from mldeploy.resources.kind import Stage, log_group_name, role_name, states_role_name
from mldeploy.resources.secret_access import access_statements
from mldeploy.resources.states_policy import states_statements
from mldeploy.resources.surroundings_access import surroundings_statements

Kind = TypeVar("Kind")


def names_of(functions: Iterable[str], region: str) -> list[str]:
    """Return the names of the roles that functions with these names in Lambda may have."""
    found = []
    for one in functions:
        found.append(role_name(one, region))
        if is_batch(one):
            found.append(states_role_name(one, region))
    return found


def roles_of(stage: Stage, make: Callable[..., Kind]) -> list[Kind]:
    """Return the stage's roles. `make` gets the fields of `Role` by name."""
    config = stage.config
    roles = [make(**_of_function(one, stage)) for one in config.functions]
    if config.batches is not None:
        roles.append(make(**_of_states(config.batches, stage)))
    return roles


def _of_function(function: FunctionConfig, stage: Stage) -> dict[str, Any]:
    config, account = stage.config, stage.account
    name = config.function_name(function.name)
    return {
        "name": role_name(name, account.region),
        "trust": trust_of("lambda.amazonaws.com"),
        "policy": execution_policy(
            account.arn("logs", f"log-group:{log_group_name(name)}"),
            [
                *access_statements(function.secrets, account),
                *surroundings_statements(function),
                *bucket_statements(function.reads, function.writes, account.partition),
            ],
        ),
        "boundary": config.role.permissions_boundary,
        "managed": tuple(sorted(set(config.role.managed_policies))),
        "tags": config.tags,
    }


def _of_states(function: FunctionConfig, stage: Stage) -> dict[str, Any]:
    """Return the fields of the state machine's role, to which no managed policies are attached."""
    config, account = stage.config, stage.account
    name = config.function_name(function.name)
    statements = states_statements(name, function.writes, account)
    return {
        "name": states_role_name(name, account.region),
        "trust": trust_of("states.amazonaws.com"),
        "policy": canonical({"Version": "2012-10-17", "Statement": statements}),
        "boundary": config.role.permissions_boundary,
        "tags": config.tags,
    }


def trust_of(service: str) -> str:
    """Return the trust policy that permits only one service to assume a role."""
    return canonical(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": service},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    )


def execution_policy(log_group_arn: str, more: Sequence[dict[str, Any]] = ()) -> str:
    """Return a function's minimum policy: writing to its own log group, and `more`.

    `logs:CreateLogGroup` isn't included: the deployment creates the group, and a late log line
    must not create it again after destroy.
    """
    return canonical(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": f"{log_group_arn}:*",
                },
                *more,
            ],
        }
    )
