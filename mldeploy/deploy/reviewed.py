"""A plan in a file for review; a deploy applies it only if nothing has changed since.

The file holds no resources, only digests of what was desired and observed, which show whether the
plan of the deploy is the same. Values of environment variables are hashed with scrypt and a salt
per file, so that they can't be guessed quickly.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from mldeploy import __version__
from mldeploy.config import Config
from mldeploy.deploy.findings import Finding, Findings
from mldeploy.deploy.rollout import Rollout
from mldeploy.errors import MldeployError
from mldeploy.files.places import write_new
from mldeploy.files.whole import whole
from mldeploy.resources.artifact import Artifact
from mldeploy.resources.base import Resource, key
from mldeploy.resources.image import Image
from mldeploy.text.data import as_data

FORMAT = 1
"""Increased when a key's meaning changes; a file of another format is refused."""
_KIND = "mldeploy plan"
_PLACE = ("project", "stage", "account", "region", "target")


def save_plan(
    path: Path, config: Config, artifact: Artifact, rollout: Rollout, now: datetime
) -> None:
    """Write a plan for `moved_findings`, readable by its owner only (mode 0600).

    Raises:
        MldeployError: MLD133 if the file can't be written, or exists and isn't a plan.
    """
    if os.path.lexists(path):
        load_plan(path)  # refuses to overwrite anything but a plan
    content = {
        "kind": _KIND,
        "format": FORMAT,
        "mldeploy": __version__,
        "made": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        **_facts(config, artifact, rollout, secrets.token_hex(16)),
        "digests": sorted(
            one.digest for one in rollout.found.observed.values() if isinstance(one, Image)
        ),
        "plan": as_data(rollout.proposal),
    }
    try:
        with whole(path) as written:
            write_new(written, json.dumps(content, indent=2) + "\n")
    except OSError as error:
        text = f"{path} can't be written: {error.strerror}"
        raise MldeployError("MLD133", text, "choose another file with --out") from error


def load_plan(path: Path) -> dict[str, Any]:
    """Read a plan that `save_plan` wrote.

    Raises:
        MldeployError: MLD133 if it can't be read, isn't a plan, or has another format.
    """
    hint = "run `mldeploy plan --out FILE` to write one"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MldeployError("MLD133", f"{path} can't be read: {error.strerror}", hint) from error
    except (ValueError, RecursionError) as error:
        raise MldeployError("MLD133", f"{path} isn't a plan that mldeploy saved", hint) from error
    if not isinstance(found, dict) or found.get("kind") != _KIND:
        raise MldeployError("MLD133", f"{path} isn't a plan that mldeploy saved", hint)
    if found.get("format") != FORMAT:
        text = f"{path} has format {found.get('format')}, and this mldeploy reads format {FORMAT}"
        raise MldeployError("MLD133", text, "make the plan with the mldeploy that deploys")
    return found


def reviewed_digests(reviewed: Mapping[str, Any]) -> list[str]:
    """Return the digests of the images in ECR that a reviewed plan was made for."""
    found = reviewed.get("digests", [])
    return [str(one) for one in found] if isinstance(found, list) else []


def stage_findings(reviewed: Mapping[str, Any], config: Config) -> Findings:
    """Return MLD134 for a plan of another stage, project or target; makes no call."""
    here = {"project": config.name, "stage": config.stage, "target": config.target}
    planned = reviewed.get("place", {})
    moved = [_changed(name, planned.get(name), one) for name, one in here.items()
             if planned.get(name) != one]  # fmt: skip
    return _stale(moved, f"pass --stage {planned.get('stage')} --target {planned.get('target')}")


def moved_findings(
    reviewed: Mapping[str, Any], config: Config, artifact: Artifact, rollout: Rollout
) -> Findings:
    """Return MLD134 with all differences, unless the plan is the reviewed one."""
    now = _facts(config, artifact, rollout, str(reviewed.get("salt")))
    moved = list(differing({**now, "mldeploy": __version__}, reviewed))
    return _stale(moved, "make a new plan with `mldeploy plan --out FILE` and review it")


def _stale(moved: list[str], hint: str) -> Findings:
    if not moved:
        return ()
    return (
        Finding(
            "error",
            "MLD134",
            f"the plan isn't the one that was reviewed: {moved[0]}; nothing was changed",
            hint,
            details=tuple(("moved", text) for text in moved[1:]),
        ),
    )


def differing(now: Mapping[str, Any], then: Mapping[str, Any]) -> Iterator[str]:
    """Yield the differences, the most important first."""
    if now["mldeploy"] != then.get("mldeploy"):
        yield _changed("mldeploy", then.get("mldeploy"), now["mldeploy"])
    for part, label in (("place", ""), ("images", "image of ")):
        before = then.get(part, {})
        for name in sorted(now[part].keys() | before.keys()):
            if now[part].get(name) != before.get(name):
                yield _changed(label + name, before.get(name), now[part].get(name))
    if now["configuration"] != then.get("configuration"):
        yield "the configuration: mldeploy.toml, a variable or a flag"
    for part, label in (("observed", "in AWS"), ("wanted", "wanted")):
        before = then.get(part, {})
        for name in sorted(now[part].keys() | before.keys()):
            if now[part].get(name) != before.get(name):
                yield f"{label}: {name} {_how(name in before, name in now[part])}"
    if now["unfinished"] != then.get("unfinished"):
        yield "in AWS: whether a canary is in progress"


def _how(before: bool, after: bool) -> str:  # noqa: FBT001 - two columns of a table
    if before and after:
        return "is another"
    return "is new" if after else "is gone"


def _changed(name: str, before: object, after: object) -> str:
    return f"{name}: {before or '(none)'} → {after or '(none)'}"


def _facts(config: Config, artifact: Artifact, rollout: Rollout, salt: str) -> dict[str, Any]:
    """Return what a plan depends on."""
    where = rollout.where
    return {
        "salt": salt,
        "place": {name: getattr(where, name) for name in _PLACE},
        "images": {function: source.tag for function, source in artifact.images},
        "configuration": _digest(_configuration(config)),
        "wanted": _digests(rollout.found.desired, salt),
        "observed": _digests(rollout.found.observed.values(), salt),
        "unfinished": rollout.unfinished,
    }


def _configuration(config: Config) -> str:
    """Return the settings as text; repr omits secrets, and each CI runner has its own folder."""
    image = replace(config.image, ca_bundle=None)
    somewhere = replace(config, root=Path(), file=Path(), profile=None, region_from="", image=image)
    return repr(somewhere)


def _digests(resources: Iterable[Resource], salt: str) -> dict[str, str]:
    return {" ".join(key(one)): _digest(_compared(one, salt)) for one in resources}


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _compared(value: Any, salt: str) -> Any:
    """Return the fields to compare, as JSON; values that may be secret are hashed."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            one.name: _hashed(getattr(value, one.name), salt)
            if one.metadata.get("secret")
            else _compared(getattr(value, one.name), salt)
            for one in fields(value)
            if one.compare
        }
    if isinstance(value, tuple | list):
        return [_compared(one, salt) for one in value]
    return value if isinstance(value, str | int | float | None) else repr(value)


def _hashed(value: object, salt: str) -> str:
    return hashlib.scrypt(repr(value).encode(), salt=salt.encode(), n=2**13, r=8, p=1).hex()
