"""An image that failed its trial, in a user's words, with advice for the common causes."""

import re

from mldeploy.config.secret_values import told_missing
from mldeploy.errors import MldeployError
from mldeploy.images.advice import advice_on
from mldeploy.images.builder import Outcome

_NO_MODULE = re.compile(r"No module named '(?P<module>[\w.]+)'")
_KILLED_ADVICE = {
    "memory": "give [functions.<name>] more memory, or make the model smaller",
    "time": "what your modules do at import takes too long, or waits for a network",
}
_PRUNED = re.compile(
    r"No module named '[\w.]+\.tests?(\.[\w.]+)?'|"
    r"No such file or directory: '/var/task/\S+(/tests?/\S*|\.(a|c|cpp|h|hpp|p(xd|yi|yx)))'"
)
"""What `build/prune.py` may have taken out."""
_PRUNED_ADVICE = (
    "[image] prune = false keeps the tests and sources of requirements; "
    "what is yours needs [image] include"
)
_CHECK_ADVICE = (
    # A folder that AWS's image doesn't have can't be written to either.
    (
        (
            r"Read-only file system|Permission denied|"
            r"No such file or directory: '/(home|root|var/tmp)\b"
        ),
        "Lambda's file system is read-only but for /tmp: write there",
    ),
    (
        r"No such file or directory: '(?P<path>/var/task/[^']*|[^/'][^']*)'",
        "the image has no {path}: name it in [image] include if it is yours",
    ),
    (
        r"No space left on device",
        "the folder /tmp is full: give [functions.<name>] more ephemeral_storage",
    ),
    (
        r"Network is unreachable|Temporary failure in name resolution|Name or service not known",
        "the check has no network: [image] network = true gives it one",
    ),
)


def check_error(outcome: Outcome) -> MldeployError:
    """Return the error of an image that didn't answer its golden examples."""
    lines = [line for line in outcome.output.splitlines() if line.strip()]
    problems = outcome.problems
    first = problems[0] if problems else "it gave no answer"
    whose = f" of {outcome.trial.handler}" if outcome.trial.custom else ""
    ended = f" (exit {outcome.code})" if outcome.code else ""
    match outcome.killed:
        case "memory":
            first = f"it needs more than {outcome.trial.memory} MB"
        case "time":
            first = "it gave no answer in time"
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
            f'[image] include = ["{module}.py"] if it is yours, '
            f'or requirements = ["{module}"] if it is a package'
        )
    if outcome.trial.custom:
        last = "fix the handler or its golden file"
    else:
        last = "the image doesn't do what the model did: run `mldeploy train`, then build again"
    return advice_on(_CHECK_ADVICE, outcome.output) or last
