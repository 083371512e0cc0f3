"""A report in a real browser: what a person sees, on a screen and a phone, light and dark."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from mldeploy.model.bundle import Bundle
from mldeploy.model.report.data import read_report
from mldeploy.render.report.page import report_page
from mldeploy.render.report.shown import Shown
from tests.e2e.conftest import unavailable
from tests.support.models import FRAME, REGRESSION, bundle_of

_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
FITS = "return document.documentElement.scrollWidth <= window.innerWidth"
BACKGROUND = "return getComputedStyle(document.body).backgroundColor"
TEXT = "return getComputedStyle(document.querySelector('figure svg text')).fill"
DARK = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Give a headless Chromium that writes down what it asks the network for."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        unavailable("there is no chromium with its chromedriver (Debian: chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*_FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    opened = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield opened
    finally:
        opened.quit()


def asked(browser: Any) -> set[str]:
    """Return the schemes of all requests since the last look."""
    entries = [json.loads(one["message"])["message"] for one in browser.get_log("performance")]
    return {
        urlsplit(one["params"]["request"]["url"]).scheme
        for one in entries
        if one["method"] == "Network.requestWillBeSent"
    }


def written(bundle: Bundle, folder: Path) -> str:
    """Write a bundle's report; return its address."""
    shown = Shown("iris", bundle.digest, bundle.facts, read_report(bundle.path))
    path = folder / "report.html"
    path.write_text(report_page(shown), encoding="utf-8")
    return path.as_uri()


def look(browser: Any, width: int, media: Any) -> None:
    """Set the window's width and the preferred color."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)


@pytest.mark.parametrize(
    ("code", "title"),
    [(FRAME, "ROC and precision-recall curves"), (REGRESSION, "Prediction intervals")],
)
def test_a_person_reads_a_report(browser: Any, tmp_path: Path, code: str, title: str) -> None:
    """All charts are drawn, links lead to sections, and nothing is asked or complained about."""
    look(browser, 1280, {"features": []})
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
    look(browser, 390, DARK)
    dark = [browser.execute_script(one) for one in (BACKGROUND, TEXT)]
    assert browser.execute_script(FITS)
    assert all(one != other for one, other in zip(light, dark, strict=True))
    assert browser.get_log("browser") == []
    assert asked(browser) - {"chrome", "data"} == {"file"}  # those are Chromium's own first page
