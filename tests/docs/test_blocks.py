"""Every block of code in README.md and docs/ runs, in the order of its page.

Commands of AWS go to the embedded AWS of this machine, whose functions are processes. A block that
can't run is marked in its page: `<!-- skip: next "REASON" -->`.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import jsonschema
import pytest
import yaml

from mldeploy.cli.app import run
from mldeploy.config.shape import json_schema
from mldeploy.deploy.outside import REAL, Outside
from mldeploy.facts.prices import price_list
from tests.support.account import isolated
from tests.support.embedded import own_cloud
from tests.support.pages import ROOT, Block, blocks, commands, pages, start
from tests.support.shell import Reader, agrees
from tests.support.stacks import RegistryOnly, without_engine
from tests.support.wheel_index import index_of_all

MOST_SKIPPED = 24
"""Blocks that don't run. A new one needs a reason, and a look at this number."""
_FILES = re.compile(r"\btests/[\w/]+\.py\b")


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as context:
        yield context


@pytest.fixture(scope="module")
def outside() -> Outside:
    """No engine: `build` notes what it is asked for, and the embedded AWS needs none."""
    making = without_engine(RegistryOnly(lambda *_: "sha256:" + "0" * 64))
    return replace(REAL, making=lambda _builder: making)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, patch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An embedded AWS, and the variables with which every command uses it."""
    folder = tmp_path_factory.mktemp("blocks")
    isolated(patch, folder)
    for name, value in {
        "MLDEPLOY_TARGET": "local",
        "AWS_REGION": "eu-central-1",
        "MLDEPLOY_IMAGE__INDEX_URL": index_of_all(),
        "TMPDIR": str(folder),
        "COLUMNS": "100",
        "BROWSER": "true",
    }.items():
        patch.setenv(name, value)
    with own_cloud(folder / "cloud"):
        yield folder


@pytest.fixture(scope="module")
def iris(world: Path) -> Path:
    """The tutorial's project, trained once for all pages that begin with one."""
    folder = world / "iris"
    assert run(["init", str(folder), "--yes", "--auth", "none"]) == 0
    assert run(["train", "--config", str(folder / "mldeploy.toml")]) == 0
    return folder


def opened(page: str, world: Path, iris: Path, outside: Outside) -> Reader:
    """Return a reader at the beginning of a page: in an empty folder, or with the tutorial done."""
    assert run(["local", "start", "--functions", "process"]) == 0
    folder = world / re.sub(r"\W", "-", page)
    folder.mkdir()
    if start(page):
        assert run(["destroy", "--confirm", "iris", "--config", str(iris / "mldeploy.toml")]) == 0
    if start(page) == "empty":
        return Reader(folder, {}, outside)
    copytree(iris, folder / "iris")
    if not start(page):
        assert run(["deploy", "--config", str(folder / "iris" / "mldeploy.toml")]) == 0
    return Reader(folder / "iris", {}, outside)


def test_every_block_runs(
    subtests: pytest.Subtests, world: Path, iris: Path, outside: Outside
) -> None:
    """Commands exit with 0 and print what the page shows; other blocks are what they claim."""
    ran = 0
    for page in pages():
        todo = [one for one in blocks(page) if not one.skipped]
        if not todo:
            continue
        with subtests.test(page):
            typing = any(one.language in {"console", "sh"} for one in todo)
            reader = opened(page, world, iris, outside) if typing else Reader(world, {}, outside)
            space: dict[str, Any] = {}
            try:
                for block in todo:
                    runs(block, reader, space)
                    ran += 1
            finally:
                reader.leave()
    assert ran > 60


def runs(block: Block, reader: Reader, space: dict[str, Any]) -> None:
    """Run a block, or read it if it is data."""
    where = f"{block.page}:{block.line}"
    if block.file:
        (reader.folder / block.file).write_text(block.text, encoding="utf-8")
    if block.append:
        with (reader.folder / block.append).open("a", encoding="utf-8") as file:
            file.write(f"\n{block.text}")
    match block.language:
        case "console" | "sh":
            for shown in commands(block):
                done = reader.types(shown)
                assert done.code == 0, f"{where}: {shown.line}\n{done.seen}"
                same = not shown.printed or agrees(shown.printed, done)
                assert same, (
                    f"{where}: {shown.line}\n{done.seen}\n-- the page shows\n{shown.printed}"
                )
        case "python":
            python(block, where, space)
        case "toml":
            settings(tomllib.loads(block.text), where)
        case "yaml":
            assert yaml.safe_load(block.text), where
        case "json" if "…" not in block.text:
            json.loads(block.text)


def python(block: Block, where: str, space: dict[str, Any]) -> None:
    """Execute a block with the names of those before it; call what training would call."""
    lines = "\n" * block.line + block.text
    names = {"__file__": str(ROOT / block.page), "__name__": "page"}
    exec(compile(lines, where, "exec"), {**names, **space} if block.file else space)  # noqa: S102
    if not block.file and {"data", "estimator"} <= space.keys():
        assert space.pop("data")() is not None
        assert hasattr(space.pop("estimator")(), "fit")


def settings(given: dict[str, Any], where: str) -> None:
    """Hold a part of mldeploy.toml to the file's schema."""
    whole = {"project": {"name": "iris"}, "api": {"auth": "none"}}
    for table, keys in given.items():
        whole[table] = {**whole.get(table, {}), **keys}
    try:
        jsonschema.validate(whole, json_schema())
    except jsonschema.ValidationError as error:
        pytest.fail(f"{where}: {error.message}")


def test_a_block_is_left_out_only_with_a_reason() -> None:
    """And a test that the reason names exists."""
    skipped = [one for page in pages() for one in blocks(page) if one.skipped]
    assert len(skipped) <= MOST_SKIPPED, [f"{one.page}:{one.line}" for one in skipped]
    assert all(len(one.skipped) > len("needs") for one in skipped)
    named = {file for one in skipped for file in _FILES.findall(one.skipped)}
    assert "tests/clients/test_documented.py" in named
    assert not [file for file in named if not (ROOT / file).exists()]


def test_the_price_of_a_million_requests_is_that_of_the_price_list() -> None:
    """What README.md and docs/how-to/cost.md add up, at 10 ms each and 1,024 MB."""
    listed = price_list("us-east-1")
    prices = listed.functions["x86_64"]
    total = listed.gateway_million + prices.million_requests + 1e6 * 0.010 * prices.gb_second
    for page in ("README.md", "docs/how-to/cost.md"):
        text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
        assert f"about {total:.2f} USD" in text
        assert f"{listed.month}" in text
