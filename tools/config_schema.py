"""Write the JSON schema of mldeploy.toml: python tools/config_schema.py."""

import json
from pathlib import Path

from mldeploy.config.shape import json_schema

SCHEMA = Path(__file__).parents[1] / "mldeploy" / "config" / "mldeploy.schema.json"


def text() -> str:
    """Return the text of the schema file."""
    return json.dumps(json_schema(), indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(text())
