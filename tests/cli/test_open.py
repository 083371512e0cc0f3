"""`mldeploy open`: the address of the page that is deployed, and a browser only on a terminal."""

from pathlib import Path

from tests.support.commands import Command, Reach
from tests.support.projects import CONFIG

PAGE = CONFIG.replace("memory = 512", 'memory = 512\npaths = ["/docs", "/"]')


def test_the_page_of_the_deployed_api_is_printed(
    project: Path, command: Command, reach: Reach
) -> None:
    """The form before the documentation; without a terminal no browser starts."""
    opened: list[str] = []
    reach(browse=lambda address: bool(opened.append(address)))  # type: ignore[func-returns-value]
    assert command("open")[1]["error"]["code"] == "MLD440"
    (project / "mldeploy.toml").write_text(PAGE)
    assert command("deploy", "--yes")[0] == 0
    base = command("status")[1]["result"]["functions"][0]["url"].removesuffix("/predict")
    found = command("open")[1]["result"]
    assert found == {"url": f"{base}/", "page": True, "auth": "none", "opened": None}
    (project / "mldeploy.toml").write_text(PAGE.replace(', "/"]', "]"))
    assert command("open")[1]["result"]["url"] == f"{base}/docs"
    (project / "mldeploy.toml").write_text(CONFIG)
    found = command("open")[1]["result"]
    assert (found["url"], found["page"]) == (f"{base}/predict", False)
    assert opened == []
