"""Differences between two models that matter to clients. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mldeploy.model.measures.metrics import is_error

Facts = Mapping[str, Any]
_COMPARED = ("name", "dtype", "nullable", "closed", "categories")
_SAME_OR_WIDER = {("integer", "number")}


@dataclass(frozen=True)
class ModelDifference:
    """One difference. `breaking`: requests or readers that were fine may fail."""

    text: str
    breaking: bool = False


def facts_to_compare(facts: Facts) -> Facts:
    """Return the facts for an image's label that a comparison needs.

    They exclude ranges, the example, and values that clients may not read.

    Args:
        facts: of model.json.
    """
    signature = facts.get("signature") or {}
    features = [
        {key: one[key] for key in _COMPARED if key in one} for one in signature.get("features", [])
    ]
    return {
        "signature": {**signature, "features": features},
        "metrics": facts.get("metrics"),
        "versions": facts.get("versions"),
        "columns": facts.get("columns_sha256", ""),
    }


def differences(old: Facts, new: Facts) -> tuple[ModelDifference, ...]:
    """Compare the recorded facts of two models: metrics, signature, versions.

    Args:
        old: of the model that is served, as `facts_to_compare` returns them.
        new: of the one that is to be served.
    """
    return (
        *_metrics(old.get("metrics") or {}, new.get("metrics") or {}),
        *_signature(old.get("signature") or {}, new.get("signature") or {}),
        *_unlisted(old.get("columns", ""), new.get("columns", "")),
        *_versions(old.get("versions") or {}, new.get("versions") or {}),
    )


def _metrics(
    old: Mapping[str, float | None], new: Mapping[str, float | None]
) -> Iterator[ModelDifference]:
    for name in [*new, *(one for one in old if one not in new)]:
        before, after = old.get(name), new.get(name)
        if before is None or after is None:
            if before != after:
                yield ModelDifference(f"{name}: {_number(before)} → {_number(after)}")
            continue
        worse = after > before if is_error(name) else after < before
        word = "the same" if after == before else "worse" if worse else "better"
        yield ModelDifference(f"{name}: {_number(before)} → {_number(after)} ({word})")


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4f}"


def _signature(old: Facts, new: Facts) -> Iterator[ModelDifference]:
    if not old or not new:
        return
    if old.get("task") != new.get("task"):
        yield ModelDifference(f"task: {old.get('task')} → {new.get('task')}", breaking=True)
    before = {one["name"]: one for one in old.get("features", [])}
    after = {one["name"]: one for one in new.get("features", [])}
    for name in after:
        if name not in before:
            yield ModelDifference(f"feature {name!r} added", breaking=True)
    for name in before:
        if name not in after:
            yield ModelDifference(f"feature {name!r} removed", breaking=True)
    if before.keys() == after.keys() and list(before) != list(after):
        yield ModelDifference("features in another order", breaking=True)
    for name, feature in before.items():
        if name in after:
            yield from _feature(name, feature, after[name])
    yield from _classes(old, new)
    yield from _outputs(old, new)


def _outputs(old: Facts, new: Facts) -> Iterator[ModelDifference]:
    before = {one["name"]: one for one in old.get("outputs") or []}
    after = {one["name"]: one for one in new.get("outputs") or []}
    for name, output in before.items():
        if name in after:
            yield from _classes(output, after[name])
        else:
            yield ModelDifference(f"output {name!r} removed", breaking=True)
    for name in after:
        if name not in before:
            # The response of a model with one output has another shape.
            yield ModelDifference(f"output {name!r} added", breaking=not before)


def _feature(name: str, old: Facts, new: Facts) -> Iterator[ModelDifference]:
    kinds = str(old.get("dtype")), str(new.get("dtype"))
    if kinds[0] != kinds[1]:
        text = f"feature {name!r}: {kinds[0]} → {kinds[1]}"
        yield ModelDifference(text, breaking=kinds not in _SAME_OR_WIDER)
    if bool(old.get("nullable")) != bool(new.get("nullable")):
        allowed = "may be missing" if new.get("nullable") else "may no longer be missing"
        yield ModelDifference(f"feature {name!r} {allowed}", breaking=not new.get("nullable"))
    if new.get("closed") and "categories" in old and "categories" not in new:
        text = f"feature {name!r}: its values aren't listed any more; a removed one is refused"
        yield ModelDifference(text)
    elif new.get("closed"):
        gone = set(old.get("categories") or ()) - set(new.get("categories") or ())
        for category in sorted(gone, key=str):
            yield ModelDifference(f"feature {name!r}: category {category!r} removed", breaking=True)


def _unlisted(old: str, new: str) -> Iterator[ModelDifference]:
    """Return that unpublished values differ; digests don't show which ones."""
    if old and new and old != new:
        text = "the unlisted values of closed columns changed; a removed one is now refused"
        yield ModelDifference(text)


def _classes(old: Facts, new: Facts) -> Iterator[ModelDifference]:
    before, after = old.get("class_names") or [], new.get("class_names") or []
    for name in before:
        if name not in after:
            yield ModelDifference(f"class {name!r} removed", breaking=True)
    for name in after:
        if name not in before:
            yield ModelDifference(f"class {name!r} added")


def _versions(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[ModelDifference]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            before, after = old.get(name, "none"), new.get(name, "none")
            yield ModelDifference(f"{name} {before} → {after}")
