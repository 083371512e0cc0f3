"""The fetch of a page of another origin, in Chromium."""

import shutil
import tempfile
from typing import Any

from answers import Answer, Model, of_native, run
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_FETCH = """
const [url, rows, done] = arguments;
const body = JSON.stringify({instances: rows});
fetch(url, {method: "POST", headers: {"content-type": "application/json"}, body})
  .then(async (response) => done([response.status, await response.json()]))
  .catch((error) => done([0, String(error)]));
"""


def _browser(folder: str) -> Any:
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in (*_FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def main() -> None:
    """Fetch from a page of another origin: the browser asks the endpoint first (CORS)."""
    with tempfile.TemporaryDirectory() as folder:
        browser = _browser(folder)
        try:
            browser.set_script_timeout(60)

            def fetch(model: Model) -> Answer:
                # From `localhost`, which is another origin than the endpoint's: CORS decides.
                browser.get(f"{model['url'].replace('127.0.0.1', 'localhost')}/health")
                url = f"{model['url']}/predict"
                status, body = browser.execute_async_script(_FETCH, url, model["rows"])
                if status != 200:
                    raise RuntimeError(f"{status}: {body}")
                return of_native(body)

            run({"a browser's fetch (Chromium)": fetch})
        finally:
            browser.quit()


main()
