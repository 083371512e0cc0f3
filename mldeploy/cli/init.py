"""`mldeploy init`."""

import os
from pathlib import Path
from typing import Annotated, Literal, cast, get_args

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.options import DebugOption, OutputFormat, OutputOption, YesOption
from mldeploy.config import Auth, FunctionConfig
from mldeploy.errors import MldeployError
from mldeploy.project.answers import Answers, default_name
from mldeploy.project.scaffold import (
    Scaffolded,
    require_empty_place,
    scaffold,
    scaffold_around,
)
from mldeploy.project.templates import DEFAULT, TEMPLATES
from mldeploy.render import Renderer
from mldeploy.render.machine import project_words

Template = Literal[
    "iris", "tabular", "text", "regression", "gradient-boosting", "custom-handler", "two-models"
]
FolderArgument = Annotated[
    Path,
    typer.Argument(metavar="DIR", help="The new project's folder.", show_default="this folder"),
]
TemplateOption = Annotated[
    Template | None,
    typer.Option(
        metavar="NAME",
        help=f"Example to start from: {', '.join(get_args(Template))}.",
        show_default="iris, the tutorial's",
    ),
]
FromOption = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="FILE",
        help="Start from what you have: a train.py, a script or a notebook that fits a pipeline, "
        "or a model file (.joblib, .pkl, .skops, .onnx).",
    ),
]
NameOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Project name.", show_default="the folder's name"),
]
RegionOption = Annotated[
    str | None,
    typer.Option(
        metavar="REGION",
        help="AWS region to write to the file; without one, the profile's is used.",
        show_default="AWS_REGION, else none",
    ),
]
AuthOption = Annotated[
    Literal["none", "iam"] | None,
    typer.Option(
        help="Who may call the endpoint: none (PUBLIC) or iam (signed requests only).",
        show_default="iam, with --yes",
    ),
]
MemoryOption = Annotated[
    int | None,
    typer.Option(
        metavar="MB",
        help="Memory of the function in MB.",
        show_default=str(FunctionConfig.memory),
    ),
]

_AUTH = Answers.auth
"""The default of --yes, and of the question if the user presses Enter."""


@examples(
    ("Make the Iris project in a new folder, with the defaults", "mldeploy init iris --yes"),
    (
        "Make one from another example, whose endpoint anyone may call",
        "mldeploy init churn --template tabular --auth none",
    ),
    ("Start from your own script", "mldeploy init mine --from train.py --yes"),
)
def init(
    ctx: typer.Context,
    folder: FolderArgument = Path(),
    template: TemplateOption = None,
    from_: FromOption = None,
    name: NameOption = None,
    region: RegionOption = None,
    auth: AuthOption = None,
    memory: MemoryOption = None,
    yes: YesOption = False,
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> None:
    """Create a project: from a template, or from a script, a notebook or a model of yours.

    On a terminal it asks; every question has an option, and --yes takes the defaults.
    """
    renderer = ctx.obj.renderer
    if template and from_:
        raise MldeployError(
            "MLD110", "--template and --from can't be used together", "use one of them"
        )
    require_empty_place(folder)
    ask = renderer if renderer.interactive and not yes else None
    chosen = None if from_ else _template(template, ask)
    answers = Answers(
        name=_name(name, folder, ask),
        region=_region(region, ask),
        auth=_auth(auth, ask, yes=yes),
        memory=FunctionConfig.memory if memory is None else memory,
    )
    made: Scaffolded
    if from_:
        made = scaffold_around(folder, answers, from_)
    else:
        made = scaffold(folder, answers, chosen or DEFAULT)
    renderer.result(made, project_words(made, folder))


def _template(template: str | None, ask: Renderer | None) -> str:
    if template is not None or ask is None:
        return template or DEFAULT
    ask.say("Start from an example, or press Ctrl-C and use --from FILE for what you have:")
    width = max(map(len, TEMPLATES))
    for name, one in TEMPLATES.items():
        ask.say(f"  {name:<{width}}  {one.what}")
    return ask.choose("template", tuple(TEMPLATES), DEFAULT)


def _name(name: str | None, folder: Path, ask: Renderer | None) -> str:
    default = default_name(folder)
    if name is not None or ask is None:
        return name if name is not None else default
    ask.say("The name is part of the names of everything on AWS: lower case, digits, hyphens.")
    return ask.ask("name", default)


def _region(region: str | None, ask: Renderer | None) -> str:
    default = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""
    if region is not None or ask is None:
        return region if region is not None else default
    ask.say("AWS region, e.g. eu-central-1. Enter: the region of your AWS profile.")
    return ask.ask("region", default)


def _auth(auth: Auth | None, ask: Renderer | None, *, yes: bool) -> Auth:
    """Return the authorization: signed requests by default, so that nothing becomes public."""
    if auth is not None:
        return auth
    if ask is not None:
        ask.say("Who may call the endpoint? none: anyone (PUBLIC). iam: signed requests only.")
        return cast("Auth", ask.choose("auth", ("none", "iam"), _AUTH))
    if yes:
        return _AUTH
    raise MldeployError(
        "MLD122",
        "who may call the endpoint isn't set, and there is no terminal to ask",
        "add --auth none (public), or --auth iam (signed requests), "
        f"or --yes for the defaults ({_AUTH})",
    )
