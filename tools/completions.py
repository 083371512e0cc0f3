"""Write the table of options that shell completion reads: `python -m tools.completions`."""

import json
from pathlib import Path
from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperOption

from mldeploy.cli.app import every_command
from mldeploy.cli.completing import FILES, TABLE
from mldeploy.cli.helping import sentence, value_of

KINDS = {
    "stage": "stage",
    "source": "stage",
    "destination": "stage",
    "function": "function",
    "model": "model",
    "release": "release",
    "profile": "profile",
    "what": "code",
}
"""What completion offers for a parameter, by the parameter's name in Python."""
_HELP = {"help": "Show this message and exit.", "value": ""}


def text() -> str:
    """Return the table as JSON."""
    found: dict[str, Any] = {}
    for name, command in every_command().items():
        first, _, second = name.partition(" ")
        if second:
            found.setdefault(first, {"commands": {}})["commands"][second] = _facts(command)
        else:
            found[first] = _facts(command)
    return json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _facts(command: TyperCommand) -> dict[str, Any]:
    options: dict[str, Any] = {"--help": _HELP}
    arguments = []
    for one in command.params:
        if isinstance(one, TyperArgument):
            arguments.append(_kind(one))
        elif isinstance(one, TyperOption) and not one.hidden:
            names = sorted(one.opts, key=len, reverse=True)
            options[names[0]] = {"help": one.help or "", "value": "" if one.is_flag else _kind(one)}
            if one.multiple:
                options[names[0]]["many"] = True
            options |= {name: {"long": names[0], "value": "", "help": ""} for name in names[1:]}
    return {"help": sentence(command.help or ""), "options": options, "arguments": arguments}


def _kind(one: TyperOption | TyperArgument) -> str:
    value = value_of(one)
    if value in {"FILE", "DIR"}:
        return FILES
    return value if "|" in value else KINDS.get(one.name or "", "any")


def main() -> None:
    """Write the file."""
    Path(TABLE).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
