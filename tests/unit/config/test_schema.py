"""The JSON schema that ships with the package."""

import importlib.util
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from mldeploy.config.document import Document
from mldeploy.config.shape import keys_at

ROOT = Path(__file__).parents[3]


def generator() -> Any:
    """Load the tool that writes the schema."""
    spec = importlib.util.spec_from_file_location("config_schema", ROOT / "tools/config_schema.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_shipped_schema_is_the_models() -> None:
    """After a change of the models: python tools/config_schema.py."""
    tool = generator()
    assert tool.SCHEMA.read_text() == tool.text()


def test_the_schema_accepts_the_example_and_refuses_mistakes() -> None:
    """An editor that uses it marks what load_config would refuse."""
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(generator().SCHEMA.read_text())
    validator = jsonschema.Draft202012Validator(schema)
    example = tomllib.loads((ROOT / "examples/iris/mldeploy.toml").read_text())
    assert validator.is_valid(example)
    for wrong in (
        {},
        {**example, "imgae": {}},
        {**example, "functions": {"predict": {"memroy": 1}}},
        {**example, "functions": {"predict": {"memory": 127}}},
        {**example, "logs": {"retention_days": 2}},
        {**example, "stages": {"prod": {"api": {"rate": 0}}}},
    ):
        assert not validator.is_valid(wrong), wrong


def test_the_documentation_has_every_key() -> None:
    """A key that isn't documented doesn't exist for a user."""
    text = (ROOT / "docs/configuration.md").read_text()
    tables = [("project",), ("image",), ("functions", "x"), ("api",), ("api", "cors")]
    for table in [*tables, ("role",), ("logs",), ("training",)]:
        for name in keys_at(Document, table):
            assert f"`{name}`" in text, f"{name} of {table}"
