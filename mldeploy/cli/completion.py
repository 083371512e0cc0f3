"""`mldeploy completion`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.options import DebugOption, OutputFormat, OutputOption
from mldeploy.files.manual import Script
from mldeploy.render.explained import script_words

SCRIPTS = Path(__file__).parent / "shells"


class Shell(StrEnum):
    """A shell with programmable completion."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


ShellArgument = Annotated[Shell, typer.Argument(help="The shell that will read the script.")]


@examples(
    ("Complete in this bash, and in others from ~/.bashrc", "source <(mldeploy completion bash)"),
    ("The same for zsh, from ~/.zshrc", "source <(mldeploy completion zsh)"),
    (
        "Install it for fish",
        "mldeploy completion fish > ~/.config/fish/completions/mldeploy.fish",
    ),
)
def completion(
    ctx: typer.Context,
    shell: ShellArgument,
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> None:
    """Print the script by which a shell completes commands, options, stages and releases."""
    script = Script((SCRIPTS / shell.value).read_text(encoding="utf-8"))
    ctx.obj.renderer.result(script, script_words(script))
