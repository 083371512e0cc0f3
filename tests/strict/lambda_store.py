"""Moto's store of functions, and how a call names one."""

from typing import Any

from moto.awslambda_simple.models import lambda_simple_backends

from tests.strict.calls import ACCOUNT, REGION, Call, RefusedError

LATEST = "$LATEST"
Which = tuple[str, str]
"""A function's name and its qualifier."""


def storage() -> Any:
    # With use_docker off moto serves Lambda from this backend.
    return lambda_simple_backends[ACCOUNT][REGION]._lambdas


def functions() -> dict[str, Any]:
    return dict(storage()._functions)


def aliases(name: str) -> dict[str, Any]:
    return dict(storage()._aliases.get(arn(name), {}))


def plain(name: str) -> str:
    return name.rsplit(":function:", maxsplit=1)[-1].split(":", maxsplit=1)[0]


def arn(name: str, qualifier: str = LATEST) -> str:
    whole = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    return whole if qualifier == LATEST else f"{whole}:{qualifier}"


def named(call: Call) -> Which:
    """Return the function and the qualifier that a call names, in either of its two ways."""
    given = str(call.params["FunctionName"]).rsplit(":function:", maxsplit=1)[-1]
    name, _, inside = given.partition(":")
    return name, inside or str(call.params.get("Qualifier") or LATEST)


def version_of(name: str, qualifier: str) -> str:
    """Return the version that a qualifier stands for.

    Raises:
        RefusedError: ResourceNotFoundException, as GetFunction's API reference has it.
    """
    if name in functions():
        alias = aliases(name).get(qualifier)
        number = alias.function_version if alias else qualifier
        if number == LATEST or storage()._get_version(name, number):
            return str(number)
    raise RefusedError(
        "ResourceNotFoundException", f"Function not found: {arn(name, qualifier)}", 404
    )
