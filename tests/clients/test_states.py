"""The definition of the state machine, as npm's asl-validator judges it."""

import json
from pathlib import Path
from typing import Any

import pytest

from mldeploy.config import BatchConfig
from mldeploy.resources.states_language import definition
from tests.clients import environments
from tests.clients.conftest import unavailable
from tests.clients.test_documents import NODE, ran


def unknown_state(document: dict[str, Any]) -> None:
    document["States"]["Score"]["Next"] = "Gathering"


def no_bucket(document: dict[str, Any]) -> None:
    document["States"]["Score"]["ItemReader"].pop("Resource")


def too_tolerant(document: dict[str, Any]) -> None:
    document["States"]["Score"]["ToleratedFailurePercentage"] = 101


def verdict(document: dict[str, Any], folder: Path) -> int:
    """Return the validator's exit code."""
    if reason := environments.missing("node"):
        unavailable(reason)
    file = folder / "definition.json"
    file.write_text(json.dumps(document))
    return ran(folder, NODE / "asl-validator", "--json-path", file).returncode


@pytest.mark.parametrize("partition", ["aws", "aws-cn"])
def test_the_definition_is_valid(partition: str, tmp_path: Path) -> None:
    """Against the JSON schemas of the Amazon States Language, with its paths and transitions."""
    assert verdict(definition(BatchConfig(), partition), tmp_path) == 0


@pytest.mark.parametrize("spoil", [unknown_state, no_bucket, too_tolerant])
def test_the_validator_sees_faults(spoil: Any, tmp_path: Path) -> None:
    """Else the test above would say nothing."""
    document = json.loads(json.dumps(definition(BatchConfig(), "aws")))
    spoil(document)
    assert verdict(document, tmp_path) != 0
