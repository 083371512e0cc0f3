"""What `train` and `import` share: their options, and what they say of a fresh bundle."""

from typing import Annotated, Any

import typer

from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.model.bundle import Bundle
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


def known_model(settings: Config, model: str) -> str:
    """Return the name of a model that a function uses; `main` is the project's own."""
    names = {name or MAIN: name for name in settings.used_models}
    if model not in names:
        raise MldeployError(
            "MLD114",
            f"no function uses a model {model!r}",
            did_you_mean(model, names) or f"there are: {', '.join(names)}",
        )
    return names[model]


def bundle_data(bundle: Bundle) -> dict[str, Any]:
    """Return what a program wants to know of it."""
    facts = bundle.facts
    return {
        "bundle": str(bundle.path),
        "digest": bundle.digest,
        "model": facts["model"],
        "metrics": facts["metrics"],
        "evaluation": facts["evaluation"],
        "versions": facts["versions"],
    }


def bundle_rows(bundle: Bundle) -> list[tuple[str, str]]:
    """Return what a person wants to know of a fresh model."""
    facts = bundle.facts
    known = facts["evaluation"]
    across = known["cross_validation"]
    where = f"{known['held_out']} held-out" if "held_out" in known else f"{known['rows']} example"
    rows = [("model", facts["model"]["estimator"]), ("digest", bundle.digest[:12])]
    for name, value in facts["metrics"].items():
        base = known["baseline"].get(name)
        text = f"{value:.4f} on {where} rows"
        if name in across:
            text += f"; {across[name]['mean']:.4f} ± {across[name]['std']:.4f} across folds"
        rows.append((name, text + (f"; baseline {base:.4f}" if base is not None else "")))
    return rows
