"""Evaluates a trial's output, whose last line contains the responses."""

import json

from mldeploy.images.builder import Outcome
from mldeploy.images.trials import Trial

_SHORTEST_SECRET = 8
"""Characters: shorter values occur in any log."""


def problems_in(code: int, output: str, trial: Trial) -> Outcome:
    """Compare the responses with the expected ones; the outcome contains no variable's value.

    Args:
        code: of the process.
        output: all of it.
        trial: that was run.
    """
    problems = tuple(_masked(one, trial) for one in _problems(output, trial))
    return Outcome(code, _masked(output, trial), "", trial, problems)


def _problems(output: str, trial: Trial) -> list[str]:
    """Compare the responses in the last line with the expected ones."""
    lines = [line for line in output.splitlines() if line.strip()]
    try:
        return trial.golden.problems(json.loads(lines[-1]))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return lines[-1:] or ["it gave no response"]


def _masked(text: str, trial: Trial) -> str:
    """Return a log without the values of the function's variables, which may be secret."""
    for _, value in trial.environment:
        if len(value) >= _SHORTEST_SECRET:
            text = text.replace(value, "(a value)")
    return text
