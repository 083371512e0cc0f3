"""Record the terminal of README.md from the real program: `make picture`."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from tools.site.project import environment

PICTURE = Path(__file__).parents[1] / "docs" / "terminal.svg"
WIDTH = 100
_COMMANDS = (
    "mldeploy init iris --yes --auth none",
    "cd iris",
    "mldeploy train",
    "mldeploy deploy --target local",
    "mldeploy invoke --target local",
)
_LEFT_OUT = (
    r"becomes |readable by|requests can|PUBLIC:|info: |warning: |fit [2-5] of|created:|auth =|next:"
    r"|account |region |target |project |stage |served as|digest |f1_macro|balanced|brier"
    r"|log_loss|fitted on|create (log|repo|role|image|alias)|    (role|logs|image) "
    r"|live     nothing"
)
"""Lines that a reader doesn't need here; `…` stands for them."""
_STYLES = {
    r"^ *[✓+]": "green",
    r"https?://[^ ]+": "cyan",
    r"^Plan: .*": "bold",
    r"^  (?:metric|column) .*": "blue",
    r"^ *…$": "dim",
}
_FONTS = re.compile(r"\s*@font-face \{\{.*?\}\}", re.DOTALL)
_THEME = TerminalTheme(
    (24, 28, 34),
    (222, 226, 232),
    [
        *((24, 28, 34), (240, 113, 120), (134, 204, 136), (232, 190, 106)),
        *((118, 178, 240), (198, 146, 234), (112, 200, 210), (222, 226, 232)),
    ],
)


def main() -> None:
    """Run the commands on the embedded AWS, and write what a terminal shows."""
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
    with tempfile.TemporaryDirectory(prefix="mldeploy-picture-") as scratch:
        folder = Path(scratch)
        variables = environment(HOME=scratch, MLDEPLOY_LOCAL_DIR=str(folder / "cloud"))
        _run(folder, variables, "local", "start", "--functions", "process")
        try:
            place = folder
            for command in _COMMANDS:
                console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
                if command.startswith("cd "):
                    place /= command.removeprefix("cd ")
                    continue
                for line in _shown(_run(place, variables, *shlex.split(command)[1:])):
                    console.print(_coloured(line), no_wrap=True, crop=True)
        finally:
            _run(folder, variables, "local", "stop")
    form = _FONTS.sub("", CONSOLE_SVG_FORMAT).replace("Fira Code, monospace", "monospace")
    PICTURE.write_text(console.export_svg(title="mldeploy", theme=_THEME, code_format=form))
    print(PICTURE)


def _coloured(line: str) -> Text:
    """Return a line in the colours that a terminal has: marks, addresses, measures."""
    text = Text(line)
    for pattern, style in _STYLES.items():
        text.highlight_regex(pattern, style)
    return text


def _run(folder: Path, variables: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mldeploy", *arguments],
        cwd=folder,
        env={**variables, "COLUMNS": str(WIDTH)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    return done.stdout.replace(variables["HOME"], "~")


def _shown(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines():
        if not re.search(_LEFT_OUT, line):
            lines.append(line if len(line) < WIDTH else f"{line[: WIDTH - 1]}…")
        elif lines and lines[-1] != "  …":
            lines.append("  …")
    return lines


if __name__ == "__main__":
    main()
