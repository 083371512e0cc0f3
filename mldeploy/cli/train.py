"""`mldeploy train`."""

from typing import Annotated, Any

import typer

from mldeploy.cli.shared import project_command
from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.model.bundle import Bundle
from mldeploy.model.metrics import parse_thresholds
from mldeploy.model.train import train as train_bundle
from mldeploy.render import Renderer
from mldeploy.suggest import did_you_mean

MAIN = "main"
ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="One of several models; main is the project's own."),
]
MinMetricOption = Annotated[
    list[str] | None,
    typer.Option(
        "--min-metric", metavar="NAME=VALUE", help="Fail below it (above it, for an error)."
    ),
]


@project_command
def train(
    settings: Config,
    renderer: Renderer,
    *,
    model: ModelOption = None,
    min_metric: MinMetricOption = None,
) -> None:
    """Train the models, evaluate them, and write their bundles; AWS isn't called."""
    thresholds = parse_thresholds(min_metric or [])
    trained = []
    for name in settings.used_models if model is None else [_known(settings, model)]:
        bundle = train_bundle(settings.of_model(name), renderer.on_event, thresholds)
        renderer.table(_rows(bundle))
        trained.append(_data(bundle))
    renderer.result(
        {**trained[0], "bundles": trained}, "\n".join(str(one["bundle"]) for one in trained)
    )


def _known(settings: Config, model: str) -> str:
    """Return the name of a model that a function uses; `main` is the project's own."""
    names = {name or MAIN: name for name in settings.used_models}
    if model not in names:
        raise MldeployError(
            "MLD114",
            f"no function uses a model {model!r}",
            did_you_mean(model, names) or f"there are: {', '.join(names)}",
        )
    return names[model]


def _data(bundle: Bundle) -> dict[str, Any]:
    facts = bundle.facts
    return {
        "bundle": str(bundle.path),
        "digest": bundle.digest,
        "model": facts["model"],
        "metrics": facts["metrics"],
        "evaluation": facts["evaluation"],
        "versions": facts["versions"],
    }


def _rows(bundle: Bundle) -> list[tuple[str, str]]:
    """Return what a person wants to know of a fresh model."""
    facts = bundle.facts
    across = facts["evaluation"]["cross_validation"]
    rows = [("model", facts["model"]["estimator"]), ("digest", bundle.digest[:12])]
    for name, value in facts["metrics"].items():
        base = facts["evaluation"]["baseline"].get(name)
        text = f"{value:.4f} on {facts['evaluation']['held_out']} held-out rows"
        if name in across:
            text += f"; {across[name]['mean']:.4f} ± {across[name]['std']:.4f} across folds"
        rows.append((name, text + (f"; baseline {base:.4f}" if base is not None else "")))
    return rows
