"""A model card: parts that mldeploy writes again after each training, and parts of a person.

The header is Hugging Face's metadata: https://huggingface.co/docs/hub/model-cards
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from mldeploy.model.forms import SKLEARN, forms_of
from mldeploy.model.measures.metrics import is_error
from mldeploy.render.report.html import number
from mldeploy.render.report.metrics import NAMES, measured_on, ordered
from mldeploy.text.digests import digest_of
from mldeploy.text.redact import redact
from mldeploy.text.visible import visible_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mldeploy.render.report.shown import Shown

_BLOCK = re.compile(
    r"^(?P<open><!-- |# )mldeploy: begin (?P<name>\w+) (?P<hash>[0-9a-f]{8})(?: -->)?\n"
    r"(?P<content>.*?)^(?:<!-- |# )mldeploy: end (?P=name)(?: -->)?$",
    re.MULTILINE | re.DOTALL,
)
_TYPES = {"f1_macro": "f1", "brier": "brier_score", "r2": "r_squared"}
"""Hugging Face's names of metrics; the others have the same."""
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_HEADER = "metadata"
_TEMPLATE = Path(__file__).parent / "assets" / "card.md"


@dataclass(frozen=True)
class Card:
    """A card's text, and the parts of mldeploy that a person changed, which are kept."""

    text: str
    changed: tuple[str, ...] = ()


def card_of(shown: Shown, existing: str = "") -> Card:
    """Return the card of a model; an existing one keeps everything that a person wrote."""
    blocks = {
        _HEADER: _metadata(shown),
        "model": _model(shown),
        "data": _data(shown),
        "metrics": _metrics(shown),
        "requests": _requests(shown),
    }
    if existing:
        return _updated(existing, blocks)
    return Card(_new(shown, blocks))


def _updated(existing: str, blocks: Mapping[str, str]) -> Card:
    """Return a card whose blocks are new, but those that differ from what mldeploy wrote."""
    changed: list[str] = []

    def new(found: re.Match[str]) -> str:
        name = found["name"]
        if name not in blocks:
            return found[0]
        if found["hash"] != _hash(found["content"]):
            changed.append(name)
            return found[0]
        return _marked(name, blocks[name])

    return Card(_BLOCK.sub(new, existing), tuple(changed))


def _hash(content: str) -> str:
    return digest_of(content.encode())[:8]


def _marked(name: str, content: str) -> str:
    """Return a block with the comments around it; the header's are YAML's."""
    start, end = ("# ", "") if name == _HEADER else ("<!-- ", " -->")
    first = f"{start}mldeploy: begin {name} {_hash(content)}{end}"
    return f"{first}\n{content}{start}mldeploy: end {name}{end}"


def _new(shown: Shown, blocks: Mapping[str, str]) -> str:
    parts = {name: _marked(name, content) for name, content in blocks.items()}
    template = Template(_TEMPLATE.read_text(encoding="utf-8"))
    return template.substitute(parts, name=_plain(shown.name))


def _plain(value: object) -> str:
    """Return a value escaped for Markdown, on one line."""
    return _MARKUP.sub(r"\\\1", visible_name(redact(str(value))))


def _quoted(value: object) -> str:
    return json.dumps(visible_name(redact(str(value))), ensure_ascii=False)


def _task(shown: Shown) -> str:
    """Return Hugging Face's name of the task, or ""."""
    signature = shown.facts["signature"]
    kind = "text" if signature["input"] == "text" else "tabular"
    task = signature["task"]
    return f"{kind}-{task}" if task in {"classification", "regression"} else ""


def _metadata(shown: Shown) -> str:
    task = _task(shown)
    frameworks = {one["framework"] for one in forms_of(shown.facts)}  # what is served may need none
    library = "sklearn" if SKLEARN.name in frameworks else "onnx"
    lines = [f"library_name: {library}"]
    lines += [f"pipeline_tag: {task}"] if task else []
    lines += ["tags:", *(f"- {one}" for one in (library, task, "mldeploy") if one)]
    metrics = shown.facts["metrics"]
    known = [name for name in ordered(metrics) if metrics[name] is not None]
    if task and known:
        lines += [
            "model-index:",
            f"- name: {_quoted(shown.name)}",
            "  results:",
            f"  - task:\n      type: {task}",
            f"    dataset:\n      type: {_quoted(shown.name)}\n      name: {_quoted(_rows(shown))}",
            "    metrics:",
        ]
        for name in known:
            lines += [
                f"    - type: {_TYPES.get(name, name)}",
                f"      value: {float(f'{metrics[name]:.6g}')!r}",
                f"      name: {_quoted(NAMES.get(name, name))}",
            ]
    return "\n".join(lines) + "\n"


def _rows(shown: Shown) -> str:
    known = shown.evaluation
    if known.get("source") == "example":
        return f"{known.get('rows')} example rows"
    held = known.get("held_out")
    return f"{held} held-out rows" if held else "folds of the rows"


def _model(shown: Shown) -> str:
    facts = shown.facts
    versions = ", ".join(f"{name} {one}" for name, one in shown.versions.items())
    rows = [
        ("estimator", facts["model"]["estimator"]),
        ("task", facts["signature"]["task"]),
        ("digest", shown.digest),
        ("versions", versions),
    ]
    return "".join(f"- {name}: {_plain(one)}\n" for name, one in rows)


def _data(shown: Shown) -> str:
    features = shown.facts["signature"].get("features") or []
    count = shown.evaluation.get("rows")
    rows = f"{number(count)} rows, " if count else ""
    columns = f"{len(features)} column{'s' if len(features) != 1 else ''}"
    fingerprint = shown.facts.get("data_sha256")
    digest = f", with the fingerprint `{fingerprint}`" if fingerprint else ""
    return f"{rows}{columns}{digest}.\n"


def _metrics(shown: Shown) -> str:
    metrics = shown.facts["metrics"]
    if not metrics:
        return "No metrics were measured.\n"
    known = shown.evaluation
    across, baseline = known.get("cross_validation") or {}, known.get("baseline") or {}
    lines = ["| metric | value | folds | baseline | better is |", "| --- | --- | --- | --- | --- |"]
    for name in ordered(metrics):
        one: Any = across.get(name) or {}
        mean = one.get("mean")
        folds = "-" if mean is None else f"{number(mean)} ± {number(one['std'])}"
        cells = (NAMES.get(name, name), number(metrics[name]), folds, number(baseline.get(name)),
                 "lower" if is_error(name) else "higher")  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", measured_on(shown)]) + "\n"


def _requests(shown: Shown) -> str:
    features = shown.facts["signature"].get("features") or []
    lines = [f"- {_plain(one['name'])}: {one['dtype']}" for one in features[:100]]
    example = shown.facts.get("example")
    sent = json.dumps(example, ensure_ascii=False)
    more = ["", "An example, which isn't a row of the training data:", "", "```json", sent, "```"]
    return "\n".join([*lines, *(more if example is not None else [])]) + "\n"
