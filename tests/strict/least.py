"""Each call of the program is held to what `mldeploy iam policy` grants for its project."""

import os
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from mldeploy.config import Config
from mldeploy.config.file import load_config, nearest_file
from mldeploy.deploy.permissions import deployer_policy
from mldeploy.errors import MldeployError
from mldeploy.resources.kinds import KINDS, Kinds
from tests.strict.calls import Call
from tests.strict.permissions import granted, needs
from tests.support.stacks import config

Document = dict[str, Any]


class NotGrantedError(BaseException):
    """The policy doesn't grant a call. No `except Exception` may swallow it."""


class Least:
    """Compares calls with the policies of the project in the current folder.

    Attributes:
        settings: of tests that have no file in the current folder; None for a plain project.
        kinds: those that the policy is for.
        held: False in tests that call AWS as a program would, and are no deploys of ours.
        used: the actions that calls demanded so far.
        refused: what wasn't granted.
    """

    def __init__(self) -> None:
        self.settings: Config | None = None
        self.kinds: Kinds = KINDS
        self.held = True
        self.used: set[str] = set()
        self.refused: list[str] = []

    def check(self, call: Call, region: str) -> None:
        """Take note of a call.

        Raises:
            NotGrantedError: the policy lacks what it demands.
        """
        if not self.held:
            return
        documents = policies(region, self.settings, self.kinds)
        for need in needs(call, region):
            self.used.add(need.action)
            if not any(granted(document, need) for document in documents):
                self.refused.append(str(need))
                msg = f"{call.name} demands {need}, which `mldeploy iam policy` doesn't grant"
                raise NotGrantedError(msg)


def policies(region: str, settings: Config | None, kinds: Kinds = KINDS) -> list[Document]:
    """Return the policy of each stage of the project here, or of what a test deploys without."""
    file = nearest_file()
    if file is None:
        return _of_settings(settings, region, kinds)
    found = file.stat()
    # IAM has one endpoint for all regions: then the file or the shell says which one is meant.
    where = None if region == "aws-global" else region
    ours = sorted(name for name in os.environ if name.startswith("MLDEPLOY_"))
    said = tuple((name, os.environ[name]) for name in ours)
    return _of_file(file, where, (found.st_mtime_ns, found.st_size), said)


@lru_cache(maxsize=8)  # it is asked for at every call
def _of_settings(settings: Config | None, region: str, kinds: Kinds) -> list[Document]:
    return [deployer_policy(replace(settings or config(), region=region), kinds)]


@lru_cache(maxsize=8)
def _of_file(file: Path, region: str | None, _version: Any, _said: Any) -> list[Document]:
    import tomllib

    try:
        sections = tomllib.loads(file.read_text()).get("stages", {})
        stages = dict.fromkeys([None, *(one.replace("*", "x") for one in sections)])
        if not sections:  # then every name is a stage's
            stages["prod"] = None
        return [deployer_policy(load_config(file, stage=one, region=region)) for one in stages]
    except (MldeployError, ValueError):  # a test's wrong file: no command gets as far as AWS
        return [deployer_policy(config(region=region or ""))]
