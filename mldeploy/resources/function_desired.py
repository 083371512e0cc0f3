"""Derives a function and its release's id from configuration and image."""

import json
from typing import Any

from mldeploy.config import Config, FunctionConfig
from mldeploy.config.references import secrets_variable
from mldeploy.images.trials import command_of
from mldeploy.resources.base import short_hash
from mldeploy.resources.function_settings import decided
from mldeploy.resources.kind import Stage, log_group_name, role_name
from mldeploy.resources.lambda_state import RELEASE


def fields_of(function: FunctionConfig, stage: Stage) -> dict[str, Any]:
    """Return the fields of `Function` that configuration and artifact decide."""
    config, account = stage.config, stage.account
    name = config.function_name(function.name)
    vpc = (*function.vpc.subnets, *function.vpc.security_groups) if function.vpc else ()
    role = account.arn("iam", f"role/{role_name(name, account.region)}", region="")
    return {
        "name": name,
        "role": config.role.arn or role,
        "repository": config.repository,
        "image": stage.artifact.of(function.name).tag,
        "architecture": config.architecture,
        "memory": function.memory,
        "timeout": function.timeout,
        "ephemeral_storage": function.ephemeral_storage,
        "environment": _environment(config, function),
        "command": (command_of(function),),
        "log_group": log_group_name(name),
        "vpc": tuple(sorted(vpc)),
        "dead_letter": function.dead_letter,
        "tracing": function.tracing,
        "kept": function.permissions,
        "reserved": function.reserved_concurrency,
        "tags": config.tags,
    }


def _environment(config: Config, function: FunctionConfig) -> tuple[tuple[str, str], ...]:
    """Return the variables; for secrets only the references, so that AWS shows no values."""
    told = {**config.variables(function), **secrets_variable(function.secrets)}
    return tuple(sorted({**dict(function.environment), **told}.items()))


def with_release(function: Any, config: Config) -> tuple[tuple[str, str], ...]:
    """Return a function's variables, including its release's id."""
    variables = {**dict(function.environment), RELEASE: _release(function, config)}
    return tuple(sorted(variables.items()))


def _release(function: Any, config: Config) -> str:
    """Return a release's id: a hash of the image and of every setting that a version stores."""
    place = [function.repository] if config.owns_repository else []
    facts = [function.image, function.architecture, *decided(function), *place]
    return short_hash(json.dumps(facts))
