"""The training data that a deploy makes readable, and its readers. See docs/privacy.md."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mldeploy.config import Config, FunctionConfig
from mldeploy.images.layout import of_model
from mldeploy.images.spec import ImageSpec
from mldeploy.model.bundle import FACTS
from mldeploy.plan.diff import Plan
from mldeploy.resources.alias import Alias
from mldeploy.resources.artifact import Artifact
from mldeploy.resources.http_api.api import HttpApi

_READERS = {
    "none": "anyone",
    "iam": "clients whose signed requests are allowed",
    "jwt": "clients with a token",
}
_NAMED = 3
"""The most columns with published values that are named."""


def disclosures(config: Config, artifact: Artifact, plan: Plan) -> tuple[str, ...]:
    """Return one line per function that gets another model or more routes, and one about ECR.

    If a release is the only source, there are no lines, because its own deploy printed them.
    """
    found = [
        (one, spec)
        for one in config.listed
        if not one.custom and (spec := artifact.of(one.name).spec) and _changes(config, one, plan)
    ]
    if not found:
        return ()
    return (
        *(published_by(config, one, spec) for one, spec in found),
        "readable by principals that may pull from ECR: the model, with what it learned from rows",
    )


def _changes(config: Config, function: FunctionConfig, plan: Plan) -> bool:
    """Return whether a function gets another release or a new route."""
    name = config.function_name(function.name)
    for change in plan.of_kinds(Alias.kind, HttpApi.kind).changes:
        before, after = change.before, change.after
        if isinstance(after, Alias) and after.function == name:
            return True
        if isinstance(after, HttpApi):
            old = {one.key for one in before.routes} if isinstance(before, HttpApi) else set()
            new = {one.key for one in after.routes} - old
            if new & set(config.routes(function)):
                return True
    return False


def published_by(config: Config, function: FunctionConfig, spec: ImageSpec) -> str:
    """Return the line of one function: its readers, and what they may read of the training data."""
    content = dict(spec.files)[of_model(FACTS)]
    facts = json.loads(content if isinstance(content, bytes) else content.read_bytes())
    readers = _READERS[config.api.auth] if function.route else "principals that may invoke it"
    return f"readable by {readers} through {function.name}: {', '.join(_parts(facts))}"


def _parts(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield each part of the training data that clients may read."""
    signature = facts["signature"]
    features = signature.get("features", [])
    yield f"names and types of {_count(len(features), 'column')}"
    ranges = sum("minimum" in one for one in features)
    if ranges:
        yield f"rounded ranges of {ranges}"
    listed = [one["name"] for one in features if "categories" in one]
    if listed:
        yield f"values of {_names(listed)}"
    classes = [one for one in (signature, *signature.get("outputs", ())) if "classes" in one]
    if classes:
        yield _count(sum(len(one["classes"]) for one in classes), "class name")
    if facts.get("example"):
        yield "an example"


def _count(number: int, noun: str) -> str:
    plural = "es" if noun.endswith("s") else "s"
    return f"{number} {noun}{'' if number == 1 else plural}"


def _names(listed: list[str]) -> str:
    shown = ", ".join(map(repr, listed[:_NAMED]))
    more = len(listed) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
