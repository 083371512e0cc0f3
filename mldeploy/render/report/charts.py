"""Charts as SVG, by matplotlib if it is installed."""

from __future__ import annotations

import io
import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from mldeploy.render.report.html import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MISSING = "The charts need matplotlib: pip install 'mldeploy[report]', then `mldeploy report`."
_INK, _LINE = "#010203", "#010204"
"""Colors that stand for the page's, which differ in dark mode."""
_SERIES = tuple(f"#01020{n}" for n in "56789a")
_VARIABLES = {
    _INK: "var(--soft)",
    _LINE: "var(--line)",
    **{color: f"var(--series{n})" for n, color in enumerate(_SERIES)},
}
_SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "mldeploy",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.edgecolor": _LINE,
    "axes.labelcolor": _INK,
    "axes.titlecolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": _LINE,
    "grid.linewidth": 0.5,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "text.color": _INK,
    "legend.frameon": False,
    "legend.fontsize": 8,
}


def available() -> bool:
    """Return whether charts can be drawn."""
    return find_spec("matplotlib") is not None


def color(number: int) -> str:
    """Return the color of a series."""
    return _SERIES[number % len(_SERIES)]


INK, LINE = _INK, _LINE


class Charts:
    """Draws the charts of one page, so that their ids differ."""

    def __init__(self, *, enabled: bool | None = None) -> None:
        self.enabled = available() if enabled is None else enabled
        self._count = 0

    def draw(self, label: str, work: Callable[[Any], None], height: float = 2.7) -> str:
        """Return a chart; nothing without matplotlib.

        Args:
            label: what it shows, for people who don't see it.
            work: draws on the axes that it receives.
            height: in inches; the width is 4.
        """
        if not self.enabled:
            return ""
        import matplotlib as mpl
        from matplotlib.figure import Figure

        self._count += 1
        with mpl.rc_context(_SETTINGS):
            figure = Figure(figsize=(4, height), layout="constrained")
            axes = figure.add_subplot()
            axes.set_axisbelow(True)
            work(axes)
            out = io.StringIO()
            figure.savefig(
                out, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator"))
            )
        return _inline(out.getvalue(), f"c{self._count}-", label)


def _inline(svg: str, prefix: str, label: str) -> str:
    """Return an SVG document as an element: its own ids, the page's colors and font."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' (width|height)="[\d.]+pt"', "", svg, count=2)
    svg = re.sub(r' id="', f' id="{prefix}', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}", svg)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font: ([\d.]+px)[^;\"]*", r"font-size: \1", svg)
    for known, variable in _VARIABLES.items():
        svg = svg.replace(known, variable)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{text(label)}" ', 1)


def lines(
    series: Sequence[tuple[str, Sequence[float], Sequence[float]]],
    x: str,
    y: str,
    *,
    diagonal: bool = False,
    marker: str = "",
) -> Callable[[Any], None]:
    """Return what draws lines: (name, x, y) each."""

    def work(axes: Any) -> None:
        if diagonal:
            axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        for number, (name, across, up) in enumerate(series):
            axes.plot(across, up, color=color(number), linewidth=1.6, label=name, marker=marker,
                      markersize=4)  # fmt: skip
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        if any(name for name, *_ in series):
            axes.legend(loc="best")

    return work
