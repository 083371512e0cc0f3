"""Options shared by `train` and `import`."""

from dataclasses import replace
from typing import Annotated

import typer

from mldeploy.config import Config
from mldeploy.config.engine import on_engine
from mldeploy.errors import MldeployError
from mldeploy.text.suggest import did_you_mean

MAIN = "main"
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="Model to use if there are several; main is the project's own.",
    ),
]
MinMetricOption = Annotated[
    list[str] | None,
    typer.Option(
        "--min-metric",
        metavar="NAME=VALUE",
        help="Fail if the metric is worse than VALUE, e.g. f1_macro=0.9.",
    ),
]
AllowUselessOption = Annotated[
    bool,
    typer.Option("--allow-useless", help="Accept a model that is no better than the baseline."),
]
OnOption = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="ADDRESS",
        help="Where parallel parts of the fits run: local, dask://HOST:PORT, tls://HOST:PORT "
        "(Dask with TLS) or ray://HOST:PORT.",
        show_default="[training] on, else local",
    ),
]


def trained_on(settings: Config, address: str | None) -> Config:
    """Return the settings with the engine of `--on`.

    Raises:
        MldeployError: MLD118 if it isn't an engine's address.
    """
    if address is None:
        return settings
    try:
        on_engine(address)
    except ValueError as error:
        raise MldeployError(
            "MLD118",
            f"--on {address}: it {error}",
            "start a cluster, and pass its address; see `mldeploy explain training`",
        ) from error
    return replace(settings, training=replace(settings.training, on=address))


def known_model(settings: Config, model: str) -> str:
    """Return the name of a model that a function uses; `main` is the project's."""
    names = {name or MAIN: name for name in settings.used_models}
    if model not in names:
        raise MldeployError(
            "MLD114",
            f"no function uses a model {model!r}",
            did_you_mean(model, names) or f"use one of: {', '.join(names)}",
        )
    return names[model]
