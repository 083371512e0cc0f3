"""The variables that Lambda sets in an environment.

Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

import time

_VERSION = "AWS_LAMBDA_FUNCTION_VERSION"


def lambda_variables(  # noqa: PLR0913 - each is a variable
    *, name: str, version: str, handler: str, memory: int, region: str, task: str
) -> dict[str, str]:
    """Return the variables.

    Args:
        name: the function's.
        version: a number, or "$LATEST".
        handler: "module.function".
        memory: MB.
        region: of AWS.
        task: the folder of the code.
    """
    return {
        "_HANDLER": handler,
        "AWS_DEFAULT_REGION": region,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
        "AWS_LAMBDA_FUNCTION_NAME": name,
        _VERSION: version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"{time.strftime('%Y/%m/%d')}/[{version}]local",
        "AWS_REGION": region,
        "LAMBDA_TASK_ROOT": task,
    }


def version_in(variables: tuple[tuple[str, str], ...]) -> str:
    """Return the version in an environment's variables."""
    return dict(variables).get(_VERSION, "$LATEST")
