"""A report in a real browser: what a person sees, on a screen and a phone, light and dark."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By

from mldeploy.model.bundle import Bundle
from mldeploy.model.report.data import read_report
from mldeploy.render.report.page import report_page
from mldeploy.render.report.shown import Shown
from tests.e2e.conftest import unavailable
from tests.support.browser import opened, requested, view, why_not
from tests.support.models import FRAME, REGRESSION, bundle_of

FITS = "return document.documentElement.scrollWidth <= window.innerWidth"
BACKGROUND = "return getComputedStyle(document.body).backgroundColor"
TEXT = "return getComputedStyle(document.querySelector('figure svg text')).fill"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Give a headless Chromium that writes down what it asks the network for."""
    if reason := why_not():
        unavailable(reason)
    with opened(tmp_path_factory.mktemp("chromium")) as found:
        yield found


def written(bundle: Bundle, folder: Path) -> str:
    """Write a bundle's report; return its address."""
    shown = Shown("iris", bundle.digest, bundle.facts, read_report(bundle.path))
    path = folder / "report.html"
    path.write_text(report_page(shown), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize(
    ("code", "title"),
    [(FRAME, "ROC and precision-recall curves"), (REGRESSION, "Prediction intervals")],
)
def test_a_person_reads_a_report(browser: Any, tmp_path: Path, code: str, title: str) -> None:
    """All charts are drawn, links lead to sections, and nothing is asked or complained about."""
    view(browser, 1280)
    browser.get(written(bundle_of(code), tmp_path))
    titles = [one.text for one in browser.find_elements(By.TAG_NAME, "h2")]
    links = browser.find_elements(By.CSS_SELECTOR, "nav a")
    assert title in titles
    assert [one.text for one in links] == titles
    charts = browser.find_elements(By.CSS_SELECTOR, "figure svg")
    assert len(charts) >= 4
    assert all(one.size["width"] > 300 and one.size["height"] > 200 for one in charts)
    links[-1].click()
    assert browser.current_url.endswith(f"#s{len(titles) - 1}")
    assert browser.execute_script(FITS)
    light = [browser.execute_script(one) for one in (BACKGROUND, TEXT)]
    view(browser, 390, dark=True)
    dark = [browser.execute_script(one) for one in (BACKGROUND, TEXT)]
    assert browser.execute_script(FITS)
    assert all(one != other for one, other in zip(light, dark, strict=True))
    assert browser.get_log("browser") == []
    schemes = {one.scheme for one in requested(browser)}
    assert schemes - {"chrome", "data"} == {"file"}  # those are Chromium's own first page
