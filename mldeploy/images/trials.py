"""Trials of an image, one per function, and golden examples of the user's handlers."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mldeploy.config import DEFAULT_HANDLER, HANDLER_VARIABLE, Config, FunctionConfig
from mldeploy.config.secret_values import values_here
from mldeploy.config.task import TASK
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.model.golden import Golden

FORMAT = 1
CUSTOM = "endpoint.custom:handle"
"""The wrapper of a user's handler, which handles mldeploy's direct events."""
_SHAPE = '{"format": 1, "examples": [{"request": …, "status": 200, "answer": …}]}'
_STATUSES = range(100, 600)


@dataclass(frozen=True)
class Trial:
    """A check of an image for a function; not in the fingerprint.

    Attributes:
        handler: "module:function".
        memory: MB.
        ephemeral_storage: MB of /tmp.
        environment: the function's variables, with references replaced by their local values.
        missing: variables with a reference and without a local value.
        golden: requests and expected responses.
    """

    handler: str = DEFAULT_HANDLER
    memory: int = FunctionConfig.memory
    ephemeral_storage: int = FunctionConfig.ephemeral_storage
    environment: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    missing: tuple[str, ...] = ()
    golden: Golden = field(default=Golden(), repr=False)

    @property
    def custom(self) -> bool:
        """Whether it is a user's handler."""
        return self.handler != DEFAULT_HANDLER


def command_of(function: FunctionConfig | Trial) -> str:
    """Return the command of Lambda's runtime client, as "module.function"."""
    return (CUSTOM if function.custom else function.handler).replace(":", ".")


def trials(functions: tuple[FunctionConfig, ...], root: Path) -> tuple[Trial, ...]:
    """Return a trial per function, without duplicates.

    Args:
        functions: of a project.
        root: its folder, for local values of references.

    Raises:
        MldeployError: MLD124 if these can't be read.
    """
    return tuple(dict.fromkeys(_trial(one, root) for one in functions))


def _trial(function: FunctionConfig, root: Path) -> Trial:
    here = values_here(root, function.secrets)
    environment = tuple(sorted((*function.environment, *here.known)))
    limits = (function.memory, function.ephemeral_storage)
    return Trial(function.handler, *limits, environment, here.missing)


def golden_of_handlers(config: Config) -> dict[str, Golden]:
    """Return the golden examples of the user's handlers, by the handlers' names.

    Raises:
        MldeployError: MLD313 for an invalid file.
    """
    found: dict[str, Golden] = {}
    for function in config.functions:
        if function.golden is not None:
            content = _read(config.root / function.golden)
            problem = _problem(content)
            if problem:
                raise _refused(function, problem)
            found[function.handler] = Golden(content, custom=True)
    return found


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _problem(content: bytes) -> str:
    """Return the problem of a golden file, or ""."""
    try:
        golden = json.loads(content, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return f"isn't JSON: {error}"
    if not isinstance(golden, dict) or "format" not in golden:
        return "names no format"
    if golden["format"] != FORMAT:
        return f"has format {golden['format']!r}; this mldeploy knows {FORMAT}"
    examples = golden.get("examples")
    if not isinstance(examples, list) or not examples:
        return "has no list of examples"
    problems = (
        f"example {number} {problem}"
        for number, one in enumerate(examples)
        if (problem := _example_problem(one))
    )
    return next(problems, "")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} isn't a JSON value")


def _example_problem(example: Any) -> str:
    if not isinstance(example, dict):
        return "isn't an object"
    unknown = sorted(example.keys() - {"request", "status", "answer"})
    if unknown:
        return f"has the unknown key {unknown[0]!r}"
    if "request" not in example:
        return "has no request"
    status = example.get("status", 200)
    if isinstance(status, bool) or not isinstance(status, int) or status not in _STATUSES:
        return "has a status that isn't a number from 100 to 599"
    return ""


def _refused(function: FunctionConfig, problem: str) -> MldeployError:
    return MldeployError(
        "MLD313",
        f"the golden file {function.golden} of [functions.{function.name}] {problem}",
        f"write it as {_SHAPE}; `status` defaults to 200, and the body must contain `answer`",
        exit_code=ExitCode.USAGE,
    )


def variables(trial: Trial) -> dict[str, str]:
    """Return the function's variables, and those of Lambda's own that code reads when it starts.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, "reserved"
    """
    region = "us-east-1"  # a client of boto3's can't be made without one
    lambdas = {
        "AWS_DEFAULT_REGION": region,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(trial.memory),
        "AWS_LAMBDA_FUNCTION_NAME": "mldeploy-check",
        "AWS_REGION": region,
        "LAMBDA_TASK_ROOT": TASK,
    }
    ours = {HANDLER_VARIABLE: trial.handler} if trial.custom else {}
    return {**dict(trial.environment), **ours, **lambdas}
