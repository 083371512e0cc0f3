"""The command that usually comes next, which a person sees at the end of each command."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import Any

_WHERE = {
    **{name: name for name in ("--config", "--stage", "--region", "--profile", "--target")},
    "-c": "--config",
    "-s": "--stage",
}
"""Options that say where a command works; the next one needs them, too."""
_LOCAL = {"--config"}

Step = Callable[[Any], str]
"""From a result to commands; {} stands for options, {here} for those of commands without AWS."""


def carried(arguments: Sequence[str]) -> dict[str, str]:
    """Return the options of a command line that the next command needs, with their values."""
    found: dict[str, str] = {}
    for first, second in zip(arguments, [*arguments[1:], ""], strict=False):
        name, _, value = first.partition("=")
        if name in _WHERE and (value or second):
            found[_WHERE[name]] = value or second
    return found


def next_after(result: object, options: dict[str, str]) -> str:
    """Return what usually comes next; "" after a command that nothing follows.

    Args:
        result: of the command.
        options: of its command line, from `carried`.
    """
    step = STEPS.get(type(result).__name__)
    words = step(result) if step else ""
    if not words:
        return ""
    code = "".join(f"\n  {line}" for line in getattr(result, "lines", ()))
    stage = _stage_of(result)
    options = {**options, "--stage": stage} if stage and stage != "dev" else options
    told = words.replace("{here}", _written(options, only=_LOCAL)).replace("{}", _written(options))
    return told + code


def _written(options: dict[str, str], only: set[str] | None = None) -> str:
    pairs = [one for one in options.items() if only is None or one[0] in only]
    return "".join(f" {name} {shlex.quote(value)}" for name, value in pairs)


def _stage_of(result: Any) -> str:
    """Return the stage of a result that has one: `promote` names it without an option."""
    outputs = getattr(result, "outputs", None)
    return str(getattr(outputs, "stage", ""))


def _plan(found: Any) -> str:
    if not found.proposal.planned.changes:
        return "mldeploy invoke{}"
    plan = f" --plan {shlex.quote(found.out)}" if found.out else ""
    return f"mldeploy deploy{{}}{plan}"


def _status(found: Any) -> str:
    if not found.deployed:
        return "mldeploy deploy{}" if found.trained else "mldeploy train{here}"
    changes = found.planned is not None and found.planned.changes
    return "mldeploy plan{}" if changes else "mldeploy invoke{}"


def _compiled(found: Any) -> str:
    if found.compiled or found.steps:
        return "mldeploy serve{here}, or mldeploy deploy{}"
    return "mldeploy compile{here} --explain"


def _invoked(found: Any) -> str:
    here = found.target.startswith(("http://127.0.0.1", "http://localhost")) or "/" not in (
        found.target
    )
    return "" if here and not found.of_gateway else "mldeploy logs{}"


def _destroyed(found: Any) -> str:
    if found.planned.where.target == "local":
        return "mldeploy local stop ends the emulated AWS"
    return "mldeploy clean removes what is left on this machine"


def _served(found: Any) -> str:
    """Name the page; without one, the route that clients call."""
    pages = {f"{found.url}/", f"{found.url}/docs"} & {url for _, _, url in found.routes}
    if pages:
        return f"open {min(pages, key=len)} in a browser"
    return f"send requests to {found.functions[0].url}"


def _client(found: Any) -> str:
    name = "Python" if found.language == "python" else "TypeScript"
    install = f"pip install {shlex.quote(found.path)}" if found.language == "python" else ""
    if not found.lines:
        return install
    return f"{install}, then in {name}:" if install else f"in {name}:"


def _releases(found: Any) -> str:
    return "mldeploy rollback{}" if len(found.releases) > 1 else "mldeploy status{}"


TRY_IT = "mldeploy serve{here} to try it here, or mldeploy deploy{}"
STEPS: dict[str, Step | None] = {
    "Scaffolded": None,  # its own text names the folder
    "TrainedModels": lambda _: f"mldeploy report{{here}} --open, then {TRY_IT}",
    "Trained": lambda _: f"mldeploy report{{here}} --open, then {TRY_IT}",
    "Reported": lambda _: TRY_IT,
    "Compilation": _compiled,
    "Served": _served,
    "SampleEvents": lambda _: "mldeploy events{here} --out DIR writes them to files",
    "EventFiles": lambda found: f"mldeploy invoke{{here}} --process --event {found.files[0]}",
    "BatchResult": None,  # its own text names the folder
    "PlannedBatch": None,  # the same command without --dry-run
    "JobStatus": None,  # `mldeploy batch` says how to follow and stop a job
    "RunningCloud": lambda _: "mldeploy deploy{here} --target local",
    "StoppedCloud": None,  # it is the end
    "BuiltImages": lambda _: "mldeploy plan{}, then mldeploy deploy{}",
    "PushedImages": lambda _: "mldeploy deploy{}",
    "ShownPlan": _plan,
    "Deployed": lambda _: "mldeploy invoke{}, then mldeploy logs{}",
    "Invocation": _invoked,
    "Releases": _releases,
    "RolledBack": lambda _: "mldeploy invoke{}; mldeploy deploy{} publishes the local model again",
    "Status": _status,
    "Audit": lambda _: "mldeploy build{here} --pull, then mldeploy deploy{}, for newer packages",
    "Stages": lambda _: "mldeploy status --stage NAME",
    "LogLines": None,  # it may never end, and is read by programs
    "ColdStartReport": lambda _: "change mldeploy.toml, then mldeploy deploy{}",
    "Destroyed": _destroyed,
    "DestroyedStages": lambda _: "mldeploy clean removes what is left on this machine",
    "Cleaned": None,  # it is the end
    "PolicyDocument": None,  # a file for another program
    "Script": None,  # a shell reads it
    "GeneratedClient": _client,
    "Page": None,  # a browser shows it
    "Explanation": None,  # it says itself what to do
}
"""By the class of a command's result; None if nothing usually follows."""
