"""`mldeploy events`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.options import FunctionOption
from mldeploy.cli.shared import project_command
from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.invoke.invocation import function_of
from mldeploy.local.samples import EventFiles, Format, SampleEvents, samples
from mldeploy.render import Renderer
from mldeploy.render.machine import event_words, file_words

FormatOption = Annotated[
    Format,
    typer.Option("--format", help="Format: REST API (1.0), HTTP API (2.0) or bare payload."),
]
InvalidOption = Annotated[
    bool, typer.Option("--invalid", help="Write requests that the endpoint must refuse.")
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Write one file per event to DIR instead of stdout."),
]


@project_command
@examples(
    ("Print sample events of the function", "mldeploy events"),
    ("Write one file per event, which `invoke --event` accepts", "mldeploy events --out events"),
    (
        "Print events of a REST API that the endpoint must refuse",
        "mldeploy events --format rest --invalid",
    ),
)
def events(
    settings: Config,
    renderer: Renderer,
    *,
    form: FormatOption = "http",
    invalid: InvalidOption = False,
    function: FunctionOption = None,
    out: OutOption = None,
) -> None:
    """Write sample events of a function, made of the model's own example."""
    chosen = function_of(settings, function)
    found = samples(settings, chosen, form, invalid=invalid)
    if out is None:
        printed = SampleEvents(found)
        renderer.result(printed, event_words(printed))
        return
    files = EventFiles(
        tuple(_written(out / f"{name}.json", event) for name, event in found.items())
    )
    renderer.result(files, file_words(files))


def _written(path: Path, event: object) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(event, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise MldeployError(
            "MLD604", f"{path} can't be written: {error.strerror}", "name another folder with --out"
        ) from error
    return str(path)
