"""What the model is made of, what it replaces, and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mldeploy.model.difference import differences, facts_to_compare
from mldeploy.model.forms import served
from mldeploy.model.measures.metrics import is_better
from mldeploy.render.report.html import note, number, section, table, text
from mldeploy.render.report.metrics import NAMES, ordered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mldeploy.render.report.shown import Facts, Shown


def drawing_section(shown: Shown) -> str:
    """Return the estimator's steps as nested boxes."""
    tree = shown.report.get("drawing")
    words = note("Parameters that differ from the defaults, if they are numbers or short texts.")
    return section("The estimator", _step(tree), words) if tree else ""


def _step(one: Mapping[str, Any]) -> str:
    name = f"<small>{text(one['name'])}:</small> " if one.get("name") else ""
    params = ", ".join(f"{key} = {value}" for key, value in one.get("params", {}).items())
    columns = ", ".join(one.get("columns") or [])
    small = "".join(f"<br><small>{text(line)}</small>" for line in (params, columns) if line)
    parts = "".join(map(_step, one.get("parts") or []))
    kind = ' class="parallel"' if one.get("parallel") else ""
    inner = f"<div{kind}>{parts}</div>" if parts else ""
    return f'<div class="step">{name}<b>{text(one["class"])}</b>{small}{inner}</div>'


def search_section(shown: Shown) -> str:
    """Return the best candidates of a search."""
    found = shown.report.get("search") or []
    if not found:
        return ""
    names = list(dict.fromkeys(name for one in found for name in one["params"]))
    rows = [
        (
            str(one["rank"]),
            *(text(one["params"].get(name, "-")) for name in names),
            f"{_score(one['mean'])} ± {_score(one['std'])}",
        )
        for one in found
    ]
    words = note(
        "Mean and standard deviation of the search's own folds, in which higher is better."
    )
    return section("Search", table(["rank", *names, "score"], rows), words)


def _score(value: Any) -> str:
    return number(value) if isinstance(value, int | float) else text(value)


def comparison_section(shown: Shown) -> str:
    """Return the differences from the bundle before, and from the live release."""
    return _compared(shown, "The bundle before", shown.report.get("previous") or {}) + _compared(
        shown, "The live release", shown.live
    )


def _compared(shown: Shown, title: str, old: Facts) -> str:
    if not old:
        return ""
    about = [str(old["release"])] if old.get("release") else []
    about += [f"digest {str(old['digest'])[:12]}"] if old.get("digest") else []
    about += [str(old["created"])] if old.get("created") else []
    head = note(", ".join(about)) if about else ""
    if old.get("digest") == shown.digest:
        return section(title, head, note("It is the same model."))
    new = facts_to_compare(shown.facts)
    skip = set(shown.facts["metrics"]) | set(old.get("metrics") or {})
    others = [
        one for one in differences(old, new) if one.text.partition(":")[0] not in skip
    ]  # the table shows the metrics
    listed = "".join(
        f"<li{' class=warning' if one.breaking else ''}>{text(one.text)}"
        f"{' (may break clients)' if one.breaking else ''}</li>"
        for one in others
    )
    rest = f"<ul>{listed}</ul>" if listed else note("Columns, classes and versions are the same.")
    return section(title, head, _metrics(shown.facts["metrics"], old.get("metrics") or {}), rest)


def _metrics(new: Facts, old: Facts) -> str:
    rows = []
    for name in ordered(new):
        before, after = old.get(name), new[name]
        verdict = "-"
        if before is not None and after is not None:
            better = is_better(name, after, before)
            worse = is_better(name, before, after)
            kind = "good" if better else "bad" if worse else ""
            word = "better" if better else "worse" if worse else "the same"
            verdict = f'<span class="{kind}">{word}</span>' if kind else word
        rows.append((text(NAMES.get(name, name)), number(before), number(after), verdict))
    return table(["metric", "before", "now", ""], rows) if rows else ""


def origin_section(shown: Shown) -> str:
    """Return digest, commit, data's fingerprint and versions."""
    facts = shown.facts
    provenance = facts.get("provenance") or {}
    commit = provenance.get("git") or "not in a git repository"
    changed = " with uncommitted changes" if provenance.get("git_dirty") else ""
    form = served(facts)
    imported = shown.evaluation.get("source") == "example"
    rows = [
        ("model's digest", text(shown.digest)),
        ("imported" if imported else "trained", text(provenance.get("created") or "-")),
        ("commit", text(f"{commit}{changed}")),
        ("data's fingerprint", text(facts.get("data_sha256") or "-")),
        ("seed", number(shown.evaluation.get("seed"))),
        ("served form", text(f"{form['framework']}, {number(form.get('bytes'))} bytes")),
        ("mldeploy", text(provenance.get("mldeploy") or "-")),
    ]
    versions = [(text(name), text(one)) for name, one in shown.versions.items()]
    return section(
        "Origin",
        table([], rows, "texts"),
        f"<h3>Versions</h3>{table(['package', 'version'], versions)}",
    )
