"""A headless Chromium that writes down what it asks the network for."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def why_not() -> str:
    """Return why there is no browser, or ""."""
    if shutil.which("chromium") and shutil.which("chromedriver"):
        return ""
    return "there is no chromium with its chromedriver (Debian: chromium-driver)"


@contextmanager
def opened(folder: Path) -> Iterator[Any]:
    """Open a browser whose profile is in a new folder."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in (*_FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # A proxy of the machine's own isn't for loopback.
    os.environ.setdefault("NO_PROXY", "127.0.0.1,localhost")
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield browser
    finally:
        browser.quit()


def asked(browser: Any) -> set[str]:
    """Return the origins that the browser has sent requests to since the last look."""
    urls = requested(browser)
    return {f"{one.scheme}://{one.netloc}" for one in urls if one.scheme in {"http", "https"}}


def requested(browser: Any) -> list[SplitResult]:
    """Return the addresses of all requests since the last look, those of files included."""
    entries = [json.loads(one["message"])["message"] for one in browser.get_log("performance")]
    return [
        urlsplit(one["params"]["request"]["url"])
        for one in entries
        if one["method"] == "Network.requestWillBeSent"
    ]


def view(browser: Any, width: int, height: int = 900, *, dark: bool = False) -> None:
    """Show the page as on a screen of this width in CSS pixels, light or dark."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
