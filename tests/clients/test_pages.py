"""The endpoint's pages in Debian's Chromium: what a person sees, does and copies.

The values are compared with the estimators' own, the accessibility is judged by axe-core.
"""

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.clients import environments
from tests.clients.conftest import unavailable
from tests.clients.page_project import PAGED, pages
from tests.support.browser import asked, opened, view, why_not

_SECONDS = 60
_MOST_BYTES = 60_000
PHONE, DESKTOP = 390, 1280
AXE = environments.node_modules() / "axe-core/axe.min.js"
EVERY = ["/", *(f"/?function={name}" for name in PAGED if name != "iris"), "/docs"]


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the API."""
    with pages(tmp_path_factory.mktemp("pages") / "project") as found:
        yield found


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One browser for all tests."""
    if reason := why_not():
        unavailable(reason)
    with opened(tmp_path_factory.mktemp("chromium")) as found:
        yield found


@pytest.fixture
def browser(window: Any, origin: str) -> Iterator[Any]:
    """The browser; after each test its console is empty, and it has asked nobody else."""
    window.get_log("browser")
    asked(window)
    view(window, DESKTOP)
    yield window
    assert window.get_log("browser") == []
    assert asked(window) <= {origin}


def press(browser: Any, css: str, place: str) -> Any:
    """Press a button and return the answer that comes."""
    shown = browser.find_element(By.ID, place)
    browser.execute_script("arguments[0].replaceChildren()", shown)
    browser.find_element(By.CSS_SELECTOR, css).click()
    wait = WebDriverWait(browser, _SECONDS)
    wait.until(lambda _: shown.find_elements(By.TAG_NAME, "details"))
    return shown


def ask(browser: Any) -> Any:
    """Send the row of the form."""
    return press(browser, "#ask [type=submit]", "answer")


def body_of(shown: Any) -> Any:
    """Return the response body, as the page shows it in full."""
    return json.loads(text_of(shown, "details pre"))


def text_of(place: Any, css: str) -> str:
    """Return the text of an element, shown or not."""
    return str(place.find_element(By.CSS_SELECTOR, css).get_attribute("textContent"))


def fill(browser: Any, row: dict[str, Any]) -> None:
    """Write a row into the form, without typing."""
    browser.execute_script(
        """for (const field of document.querySelectorAll("#ask [data-dtype]")) {
             field.value = arguments[0][field.dataset.name];
             field.dispatchEvent(new Event("input", {bubbles: true}));
           }""",
        {name: _typed(value) for name, value in row.items()},
    )


def _typed(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def names_of(origin: str, function: str) -> list[str]:
    """Return a model's columns, by the document."""
    with urllib.request.urlopen(f"{origin}/openapi.json", timeout=60) as response:  # noqa: S310 - loopback
        found = json.load(response)
    name = "RowObject" if function == "iris" else f"{function.capitalize()}RowObject"
    return list(found["components"]["schemas"][name]["required"])


def rows_of(origin: str, function: str) -> list[dict[str, Any]]:
    """Return rows of training by their columns' names."""
    if function == "dates":
        x = PAGED[function].x
        days = x["day"].dt.strftime("%Y-%m-%d")  # as a picker of days writes them
        times = x["at"].dt.strftime("%Y-%m-%dT%H:%M:%S")
        return list(x.assign(day=days, at=times).to_dict("records"))
    names = names_of(origin, function)
    return [dict(zip(names, row, strict=True)) for row in PAGED[function].rows]


@pytest.mark.parametrize("function", PAGED)
def test_the_form_gets_the_estimators_predictions(browser: Any, origin: str, function: str) -> None:
    """One row at a time: the page shows its class, or its number rounded, the body every digit."""
    browser.get(f"{origin}/?function={function}")
    for row, expected in zip(rows_of(origin, function)[:3], PAGED[function].predict, strict=False):
        fill(browser, row)
        shown = ask(browser)
        prediction = body_of(shown)["prediction"]
        if isinstance(expected, float):
            assert prediction["value"] == expected
            assert float(shown.text.split("\n")[0]) == pytest.approx(expected, rel=1e-5)
        elif isinstance(expected, list):
            assert [one["class_label"] for one in prediction["outputs"].values()] == expected
            assert all(one in shown.text for one in expected)
            result = browser.find_element(By.CSS_SELECTOR, "#history td:nth-child(2)").text
            assert result.startswith(f"heat: {expected[0]}, ")
        else:
            assert prediction["class_label"] == expected
            assert shown.text.startswith(prediction["class_name"])


@pytest.mark.parametrize("function", ["mixed", "dates"])
def test_pasted_rows_get_the_estimators_predictions(
    browser: Any, origin: str, function: str
) -> None:
    """As a CSV file has them, and as a spreadsheet copies them, with tabs."""
    import pandas as pd

    browser.get(f"{origin}/?function={function}")
    browser.find_element(By.XPATH, "//button[.='Several rows']").click()
    frame = pd.DataFrame(rows_of(origin, function))
    if function == "mixed":
        frame["smoker"] = frame["smoker"].map({True: "true", False: "false"})
    for separator in (",", "\t"):
        text = frame.to_csv(index=False, sep=separator)
        browser.execute_script("document.getElementById('csv').value = arguments[0]", text)
        shown = press(browser, "#ask-rows [type=submit]", "answers")
        found = body_of(shown)["predictions"]
        kind = "value" if function == "dates" else "class_label"
        assert [one[kind] for one in found] == PAGED[function].predict
        assert len(shown.find_elements(By.CSS_SELECTOR, "tbody tr")) == len(frame)


@pytest.mark.parametrize("function", PAGED)
def test_samples_are_rows_that_the_model_takes(browser: Any, origin: str, function: str) -> None:
    """Each within the published ranges, so there is no warning; and they differ."""
    browser.get(f"{origin}/?function={function}")
    seen = set()
    for _ in range(3):
        browser.find_element(By.ID, "sample").click()
        body = body_of(ask(browser))
        assert "prediction" in body, body
        assert "warnings" not in body
        seen.add(text_of(browser, "[data-body=python]"))
    assert len(seen) == 3
    browser.find_element(By.XPATH, "//button[.='Several rows']").click()
    browser.find_element(By.ID, "sample-rows").click()
    body = body_of(press(browser, "#ask-rows [type=submit]", "answers"))
    assert len(body["predictions"]) == 5
    assert "warnings" not in body


def test_the_history_brings_a_row_back(browser: Any, origin: str) -> None:
    """With its result and with what was changed; another visit knows nothing of it."""
    browser.get(f"{origin}/")
    ask(browser)
    first = browser.find_element(By.ID, "f0").get_attribute("value")
    fill(browser, dict.fromkeys(names_of(origin, "iris"), 6.5))
    ask(browser)
    rows = browser.find_elements(By.CSS_SELECTOR, "#history tbody tr")
    assert len(rows) == 2
    assert "petal width (cm): 6.5" in rows[0].text
    assert "the example" in rows[1].text
    rows[1].find_element(By.TAG_NAME, "button").click()
    assert browser.find_element(By.ID, "f0").get_attribute("value") == first
    browser.get(f"{origin}/")
    assert not browser.find_element(By.ID, "visit").is_displayed()


def code_of(browser: Any, name: str) -> str:
    """Choose a tab and return its code."""
    tab = browser.find_element(By.XPATH, f"//div[@aria-label='Language']/button[.='{name}']")
    tab.click()
    panel = browser.find_element(By.ID, tab.get_attribute("aria-controls"))
    assert panel.is_displayed()
    return str(panel.find_element(By.TAG_NAME, "pre").get_attribute("textContent"))


def test_the_code_calls_the_model_with_the_row_of_the_form(
    browser: Any, origin: str, tmp_path: Path
) -> None:
    """Run as it is copied: in a shell, in Python with requests, and in Node."""
    for needed in ("plain", environments.NODE):
        if reason := environments.missing(needed):
            unavailable(reason)
    browser.get(f"{origin}/?function=mixed")
    row = {**rows_of(origin, "mixed")[3], "city": "K'ö\\l\"n $HOME"}
    fill(browser, row)
    expected = body_of(ask(browser))["prediction"]
    node, python = (environments.environment(one).folder / "bin" for one in ("node", "plain"))
    programs = {
        "curl": ["bash", "-c"],
        "Python": [str(python / "python"), "-c"],
        "JavaScript": [str(node / "node"), "--input-type=module", "-e"],
    }
    for name, program in programs.items():
        code = code_of(browser, name)
        if name == "JavaScript":
            code = code.replace(
                "console.log(await response.json())", "console.log(await response.text())"
            )
        if name == "Python":
            code = code.replace("print(response.json())", "print(response.text)")
        done = subprocess.run(
            [*program, code], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        assert done.returncode == 0, (name, done.stderr)
        assert json.loads(done.stdout)["prediction"] == expected, name
    assert f"{origin}/openapi.json" in code_of(browser, "Generated clients")


def test_a_button_copies_what_it_stands_beside(browser: Any, origin: str) -> None:
    """The whole code, with the URL as the browser sees it."""
    allowed = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": origin}
    browser.execute_cdp_cmd("Browser.grantPermissions", allowed)
    browser.get(f"{origin}/")
    browser.find_element(By.CSS_SELECTOR, "#call-p0 .copy").click()
    button = browser.find_element(By.CSS_SELECTOR, "#call-p0 .copy")
    WebDriverWait(browser, _SECONDS).until(lambda _: button.text == "Copied")
    copied = browser.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert copied == text_of(browser, "#call-p0 pre")
    assert f"{origin}/iris" in copied


@pytest.mark.parametrize("path", EVERY)
def test_a_page_is_light_accessible_and_fits_a_phone(
    browser: Any, origin: str, path: str, tmp_path: Path
) -> None:
    """On a desktop and a phone, light and dark, with an answer: axe-core finds nothing."""
    if reason := environments.missing(environments.NODE):
        unavailable(reason)
    with urllib.request.urlopen(f"{origin}{path}", timeout=60) as response:  # noqa: S310 - loopback
        assert len(response.read()) < _MOST_BYTES
    for width, dark in ((DESKTOP, False), (PHONE, True)):
        view(browser, width, dark=dark)
        browser.get(f"{origin}{path}")
        if path != "/docs":
            ask(browser)
            _press_rows(browser)
        for one in browser.find_elements(By.TAG_NAME, "details"):
            browser.execute_script("arguments[0].open = true", one)
        _fits(browser)
        browser.execute_script(AXE.read_text(encoding="utf-8"))
        found = browser.execute_async_script("axe.run().then(arguments[0])")
        problems = {
            one["id"]: [node["html"] for node in one["nodes"]] for one in found["violations"]
        }
        assert problems == {}
        assert browser.save_screenshot(str(tmp_path / f"{width}.png"))


def _press_rows(browser: Any) -> None:
    """Predict sample rows, and show the form of one row again."""
    browser.find_element(By.XPATH, "//button[.='Several rows']").click()
    browser.find_element(By.ID, "sample-rows").click()
    press(browser, "#ask-rows [type=submit]", "answers")
    browser.find_element(By.XPATH, "//button[.='One row']").click()


def _fits(browser: Any) -> None:
    """Nothing is wider than the screen, and bars and titles have room."""
    width, seen = browser.execute_script(
        "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width <= seen
    for css, least in ((".bar", 100), (".scale", 200), ("h1", 200), ("td", 20)):
        for one in browser.find_elements(By.CSS_SELECTOR, css):
            if one.is_displayed():
                assert one.size["width"] >= least, (css, one.size)
                assert one.size["width"] <= seen


def test_a_form_works_with_the_keyboard_alone(browser: Any, origin: str) -> None:
    """Arrows move between tabs, as the pattern of W3C has it."""
    browser.get(f"{origin}/")
    first = browser.find_element(By.ID, "rows-t0")
    first.send_keys("\ue014")  # the right arrow
    assert browser.switch_to.active_element.text == "Several rows"
    assert browser.find_element(By.ID, "csv").is_displayed()
    assert not browser.find_element(By.ID, "ask").is_displayed()
