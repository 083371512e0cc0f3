"""The pages of a deployed model in a real browser: what a person sees and does."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.cloud.cloud import Cloud
from tests.e2e.conftest import Cli, unavailable
from tests.support.browser import asked, opened, view, why_not

_SECONDS = 30


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Give a headless Chromium that writes down what it asks the network for."""
    if reason := why_not():
        unavailable(reason)
    with opened(tmp_path_factory.mktemp("chromium")) as found:
        yield found


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory, cli: Cli, cloud: Cloud) -> Iterator[str]:
    """Deploy a fresh project and return where its pages are."""
    folder = tmp_path_factory.mktemp("e2e") / "iris-page"
    cli(folder.parent, "init", folder.name, "--yes", "--auth", "none").ok()
    cli(folder, "train").ok()
    deployed = cli(folder, "deploy", "-o", "json").ok().json["result"]
    url: str = deployed["functions"][0]["url"]
    parts = urlsplit(url)
    assert cloud.open(url, b'{"features": [5.1, 3.5, 1.4, 0.2]}')[0] == 200
    yield f"{parts.scheme}://{parts.netloc}"
    cli(folder, "destroy", "--confirm", folder.name).ok()


def answer(browser: Any, text: str) -> str:
    """Press the button and wait for a new answer with that text."""
    browser.execute_script("document.getElementById('answer').replaceChildren()")
    browser.find_element(By.CSS_SELECTOR, "#ask button").click()
    shown = browser.find_element(By.ID, "answer")
    WebDriverWait(browser, _SECONDS).until(lambda _: text in shown.text)
    return str(shown.text)


def fill(browser: Any, column: str, value: str) -> None:
    """Type into the field that a label names."""
    label = browser.find_element(By.XPATH, f"//label[.='{column}']")
    field = browser.find_element(By.ID, label.get_attribute("for"))
    field.clear()
    field.send_keys(value)


def test_a_person_asks_the_model(browser: Any, origin: str) -> None:
    """The form holds the example and is answered; other values get another answer; no errors.

    Nothing but the page's own origin is asked.
    """
    browser.get(f"{origin}/")
    assert browser.find_element(By.TAG_NAME, "h1").text == "iris-page"
    first = answer(browser, "100.0 %")
    assert first.startswith("versicolor")
    for column, value in (("petal length (cm)", "6"), ("petal width (cm)", "2.3")):
        fill(browser, column, value)
    assert answer(browser, "virginica").startswith("virginica")
    assert browser.get_log("browser") == []
    assert asked(browser) == {origin}


def test_a_person_is_told_what_is_wrong(browser: Any, origin: str) -> None:
    """An empty field is a problem that names its column; a strange value has a warning."""
    browser.get(f"{origin}/")
    fill(browser, "sepal width (cm)", " ")
    shown = answer(browser, "422")
    assert "sepal width (cm)" in shown
    assert "expected a number" in shown
    fill(browser, "sepal width (cm)", "99")
    assert "outside 2 to 5" in answer(browser, "range of the training data")


def test_the_pages_lead_to_each_other(browser: Any, origin: str) -> None:
    """From the model to its documentation and back; the OpenAPI document is JSON."""
    browser.get(f"{origin}/")
    browser.find_element(By.LINK_TEXT, "Documentation").click()
    WebDriverWait(browser, _SECONDS).until(lambda it: it.current_url == f"{origin}/docs")
    assert "curl --json" in browser.find_element(By.TAG_NAME, "main").text
    browser.find_element(By.LINK_TEXT, "Model").click()
    WebDriverWait(browser, _SECONDS).until(lambda it: it.current_url == f"{origin}/")
    browser.find_element(By.LINK_TEXT, "OpenAPI").click()
    WebDriverWait(browser, _SECONDS).until(lambda it: it.current_url.endswith("openapi.json"))
    document = json.loads(browser.find_element(By.TAG_NAME, "pre").text)
    assert list(document["paths"])[:2] == ["/predict", "/"]


def test_nothing_else_is_routed(origin: str, cloud: Cloud) -> None:
    """The gateway has the routes of the file alone."""
    status, _ = cloud.open(f"{origin}/v2/health/live", b"{}")
    assert status == 404


def test_a_phone_shows_it_all(browser: Any, origin: str, tmp_path: Path) -> None:
    """Nothing of the page is wider than a small screen."""
    view(browser, 390)
    browser.get(f"{origin}/")
    width = browser.execute_script("return document.documentElement.scrollWidth")
    seen = browser.execute_script("return document.documentElement.clientWidth")
    assert width <= seen
    assert browser.save_screenshot(str(tmp_path / "phone.png"))
