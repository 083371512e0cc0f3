"""The report's page: one HTML file that loads nothing and runs nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from mldeploy.render.report.charts import MISSING, Charts
from mldeploy.render.report.html import note, section, text
from mldeploy.render.report.inputs import columns_section, dependence_section, importance_section
from mldeploy.render.report.metrics import metrics_section
from mldeploy.render.report.origin import (
    comparison_section,
    drawing_section,
    origin_section,
    search_section,
)
from mldeploy.render.report.predictions import predictions_section

if TYPE_CHECKING:
    from mldeploy.render.report.shown import Shown

_STYLE = Path(__file__).parent / "assets" / "report.css"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_TITLE = re.compile(r"<section><h2>(.*?)</h2>")


def report_page(shown: Shown, charts: Charts | None = None) -> str:
    """Return the page of a model."""
    drawing = charts or Charts()
    body = "".join(
        (
            metrics_section(shown),
            comparison_section(shown),
            predictions_section(shown, drawing),
            importance_section(shown),
            dependence_section(shown, drawing),
            search_section(shown),
            drawing_section(shown),
            columns_section(shown),
            origin_section(shown),
            _notes(shown, drawing),
        )
    )
    titles = _TITLE.findall(body)
    for place in range(len(titles)):
        body = body.replace("<section><h2>", f'<section id="s{place}"><h2>', 1)
    links = "".join(f'<a href="#s{place}">{one}</a>' for place, one in enumerate(titles))
    name, model = text(shown.name), text(shown.facts["model"]["estimator"])
    task = text(shown.facts["signature"]["task"])
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{name}: report</title><style>{_STYLE.read_text(encoding='utf-8')}</style></head>"
        f"<body><main><header><h1>{name}</h1><p>{model}, {task}</p></header>"
        f"<nav>{links}</nav>\n{body}</main></body></html>\n"
    )


def _notes(shown: Shown, charts: Charts) -> str:
    missing = [MISSING] if shown.report and not charts.enabled else []
    if not shown.report:
        missing.append("Only `mldeploy train` of this version measures curves and importances.")
    return section("Notes", *map(note, (*missing, *shown.report.get("notes", []))))
