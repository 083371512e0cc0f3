"""The tables of clients and of other servers in docs/requests.md."""

import os
import re
from collections.abc import Mapping

from tests.clients.catalogue import CLIENTS
from tests.clients.decisions import Cell, Difference
from tests.clients.environments import HERE
from tests.clients.models import MODELS

PAGE = HERE.parents[1] / "docs/requests.md"


def rendered(problems: Mapping[Cell, object], decisions: dict[Cell, str]) -> str:
    """Return the table in Markdown, with a footnote for each decision.

    Args:
        problems: of (client, model); None if its answer is right.
        decisions: reasons, by client and model.
    """
    reasons: list[str] = []

    def cell(client: str, model: str) -> str:
        if (client, model) not in problems:
            return "not run"
        if problems[client, model] is None:
            return "yes"
        reason = decisions.get((client, model))
        if reason is None:
            return "**no**"
        if reason not in reasons:
            reasons.append(reason)
        return f"no ({reasons.index(reason) + 1})"

    names = [one.name for one in MODELS]
    lines = [f"| client | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
    lines += [f"| {one} | {' | '.join(cell(one, name) for name in names)} |" for one in CLIENTS]
    notes = [f"{number}. {reason}" for number, reason in enumerate(reasons, 1)]
    return "\n".join(["", *lines, "", *notes, *([""] if notes else [])])


def beside(decisions: Mapping[Difference, str]) -> str:
    """Return the differences from other servers in Markdown, one row per reason."""
    models: dict[tuple[str, str, str, str], list[str]] = {}
    for one, why in decisions.items():
        models.setdefault((one.peer, why, one.request, f"{one.ours}, {one.theirs}"), []).append(
            one.model
        )
    requests: dict[tuple[str, str, str], list[str]] = {}
    for (peer, why, request, outcomes), names in models.items():
        key = peer, why, f"{', '.join(names)}: {outcomes}"
        requests.setdefault(key, []).append(request)
    rows: dict[tuple[str, str], list[str]] = {}
    for (peer, why, of), names in requests.items():
        rows.setdefault((peer, why), []).append(f"{'; '.join(names)} ({of})")
    lines = ["| server | reason | requests (models: here, there) |", "| --- | --- | --- |"]
    lines += [f"| {peer} | {why} | {'<br>'.join(of)} |" for (peer, why), of in rows.items()]
    return "\n".join(["", *lines, "", ""])


def committed(name: str) -> str:
    """Return a table as the page has it: what is between `<!-- NAME -->` and `<!-- /NAME -->`."""
    found = _place(name).search(PAGE.read_text(encoding="utf-8"))
    assert found, f"docs/requests.md has no place for {name}"
    return found[0]


def held(name: str, table: str) -> None:
    """Compare a table with the page's; with MLDEPLOY_WRITE=1 write it there first."""
    if os.environ.get("MLDEPLOY_WRITE") == "1":
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(_place(name).sub(lambda _: table, text), encoding="utf-8")
    assert committed(name) == table


def _place(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
