"""Errors of images that failed verification, with advice for common causes."""

import re

from mldeploy.config.secret_values import told_missing
from mldeploy.errors import MldeployError
from mldeploy.images.advice import advice_on
from mldeploy.images.builder import Outcome

_NO_MODULE = re.compile(r"No module named '(?P<module>[\w.]+)'")
_KILLED_ADVICE = {
    "memory": "increase memory under [functions.<name>], or make the model smaller",
    "time": "make your modules' imports faster: they take too long or wait for a network",
}
_PRUNED = re.compile(
    r"No module named '[\w.]+\.tests?(\.[\w.]+)?'|"
    r"No such file or directory: '/var/task/\S+(/tests?/\S*|\.(a|c|cpp|h|hpp|p(xd|yi|yx)))'"
)
"""What `build/prune.py` may have removed."""
_PRUNED_ADVICE = (
    "set [image] prune = false to keep the tests and sources of requirements, or add your own "
    "file to [image] include"
)
_CHECK_ADVICE = (
    # A folder that doesn't exist in AWS's image can't be written to either.
    (
        (
            r"Read-only file system|Permission denied|"
            r"No such file or directory: '/(home|root|var/tmp)\b"
        ),
        "write to /tmp: the rest of Lambda's file system is read-only",
    ),
    (
        r"No such file or directory: '(?P<path>/var/task/[^']*|[^/'][^']*)'",
        "add {path} to [image] include if it is your file: the image doesn't contain it",
    ),
    (
        r"No space left on device",
        "increase ephemeral_storage under [functions.<name>]: /tmp is full",
    ),
    (
        r"Network is unreachable|Temporary failure in name resolution|Name or service not known",
        "set [image] network = true if the code needs the network: the check has none",
    ),
)


def check_error(outcome: Outcome) -> MldeployError:
    """Return the error for an image that failed its golden examples."""
    lines = [line for line in outcome.output.splitlines() if line.strip()]
    problems = outcome.problems
    first = problems[0] if problems else "it gave no answer"
    whose = f" of {outcome.trial.handler}" if outcome.trial.custom else ""
    ended = f" (exit {outcome.code})" if outcome.code else ""
    match outcome.killed:
        case "memory":
            first = f"it needs more than {outcome.trial.memory} MB"
        case "time":
            first = "it gave no response within the timeout"
    return MldeployError(
        "MLD305",
        f"the image failed its check{whose}{ended}: {first}",
        _check_advice(outcome),
        details=tuple(("container", line) for line in (problems[1:] or lines)[-15:]),
    )


def _check_advice(outcome: Outcome) -> str:
    if outcome.killed:
        return _KILLED_ADVICE[outcome.killed]
    if any(name in outcome.output for name in outcome.trial.missing):
        return told_missing(outcome.trial.missing)
    if _PRUNED.search(outcome.output):
        return _PRUNED_ADVICE
    missing = _NO_MODULE.search(outcome.output)
    if missing:
        module = missing["module"].split(".")[0]
        return (
            f'[image] include = ["{module}.py"] if it is your module, '
            f'or requirements = ["{module}"] if it is a package'
        )
    if outcome.trial.custom:
        last = "fix the handler or its golden file"
    else:
        last = (
            "run `mldeploy train`, then build again: the image gives other predictions than "
            "the model"
        )
    return advice_on(_CHECK_ADVICE, outcome.output) or last
