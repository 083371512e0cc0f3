"""Writes a model's report and its card."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mldeploy.events import Emit, Note
from mldeploy.files.whole import whole
from mldeploy.model.measures.measuring import reason_of
from mldeploy.model.report.data import read_report
from mldeploy.model.steps import step
from mldeploy.render.report.card import card_of
from mldeploy.render.report.charts import Charts
from mldeploy.render.report.page import report_page
from mldeploy.render.report.shown import Facts, Shown

if TYPE_CHECKING:
    from mldeploy.config import Config
    from mldeploy.model.bundle import Bundle

PAGE = "report.html"


@dataclass(frozen=True)
class Reported:
    """A written report.

    Attributes:
        report: the path of the page.
        card: the path of the model card.
        charts: whether the page has charts, for which matplotlib must be installed.
        opened: whether a browser was started; null if it wasn't asked for.
    """

    report: str
    card: str
    charts: bool
    opened: bool | None = None

    @property
    def address(self) -> str:
        """The page's address for a browser."""
        return Path(self.report).resolve().as_uri()


def write_pages(
    settings: Config, bundle: Bundle, emit: Emit, live: Facts | None = None
) -> Reported:
    """Write the report into the bundle's folder, and the model card next to mldeploy.toml.

    Args:
        settings: of the project, for the bundle's model.
        bundle: of the model.
        emit: receives a note if a person changed a part of the card.
        live: the facts of the live release, if they are to be compared.
    """
    name = f"{settings.name}: {settings.model}" if settings.model else settings.name
    report = read_report(bundle.path)
    shown = Shown(name, bundle.digest, bundle.facts, report, live or {})
    charts = Charts()
    page = settings.bundle / PAGE
    with whole(page) as draft:
        draft.write_text(report_page(shown, charts), encoding="utf-8")
    card = card_path(settings)
    _write_card(card, shown, emit)
    return Reported(str(page), str(card), charts.enabled)


def write_after_training(settings: Config, bundle: Bundle, emit: Emit) -> Reported | None:
    """Write the report of a new bundle; a failure only causes a warning."""
    try:
        return step(emit, "write the report", lambda: write_pages(settings, bundle, emit))
    except Exception as error:  # noqa: BLE001 - the bundle is complete
        text = f"the report isn't written: {reason_of(error)}; `mldeploy report` tries it again"
        emit(Note(text, "warning"))
        return None


def card_path(settings: Config) -> Path:
    """Return the path of the model card. It isn't in the bundle, which trainings replace."""
    return settings.root / (
        f"MODEL_CARD.{settings.model}.md" if settings.model else "MODEL_CARD.md"
    )


def _write_card(path: Path, shown: Shown, emit: Emit) -> None:
    """Write the card; one that a person made and one that can't be read stay as they are."""
    existing = path.read_bytes().decode("utf-8") if path.exists() else ""
    ends = "\r\n" if "\r\n" in existing else "\n"
    card = card_of(shown, existing.replace("\r\n", "\n"))
    for name in card.changed:
        emit(Note(f"{path.name}: the part {name!r} was changed by hand and isn't updated"))
    written = card.text.replace("\n", ends)
    if written != existing:
        with whole(path) as draft:
            draft.write_bytes(written.encode())
