"""`mldeploy train`."""

from typing import Annotated

import typer

from mldeploy.cli.shared import project_command
from mldeploy.config import Config
from mldeploy.model.bundle import Bundle
from mldeploy.model.metrics import parse_thresholds
from mldeploy.model.train import train as train_bundle
from mldeploy.render import Renderer

MinMetricOption = Annotated[
    list[str] | None,
    typer.Option(
        "--min-metric", metavar="NAME=VALUE", help="Fail below it (above it, for an error)."
    ),
]


@project_command
def train(settings: Config, renderer: Renderer, *, min_metric: MinMetricOption = None) -> None:
    """Train the model, evaluate it, and write its bundle; AWS isn't called."""
    bundle = train_bundle(settings, renderer.on_event, parse_thresholds(min_metric or []))
    renderer.table(_rows(bundle))
    facts = bundle.facts
    renderer.result(
        {
            "bundle": str(bundle.path),
            "digest": bundle.digest,
            "model": facts["model"],
            "metrics": facts["metrics"],
            "evaluation": facts["evaluation"],
            "versions": facts["versions"],
        },
        str(bundle.path),
    )


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
