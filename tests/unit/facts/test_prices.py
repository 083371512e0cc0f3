"""Prices come out of AWS's price list files; price_list/ has two in the documented format."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mldeploy.facts import prices
from tools import prices as tool

ROOT = Path(__file__).parents[3]
LISTS = Path(__file__).with_name("price_list")


def listed(*names: str) -> list[dict[str, Any]]:
    return [tool.read(str(LISTS / f"{name}.json")) for name in names]


def test_the_price_before_any_tier_of_each_region_counts() -> None:
    """Not a later tier's, the free tier's, Lambda@Edge's, a REST API's; for a million requests."""
    found = tool.prices_of(listed("lambda", "gateway"))
    assert found["regions"]["us-east-1"] == {
        "gateway_million": 1.0,
        "arm64": {
            "gb_second": 0.0000133334,
            "million_requests": 0.2,
            "provisioned_gb_second": 0.0000033334,
            "provisioned_duration_gb_second": 0.0000077778,
        },
        "x86_64": {
            "gb_second": 0.0000166667,
            "million_requests": 0.2,
            "provisioned_gb_second": 0.0000041667,
            "provisioned_duration_gb_second": 0.0000097222,
        },
    }
    assert found["regions"]["eu-central-2"]["gateway_million"] == 1.32
    assert found["regions"]["eu-central-2"]["x86_64"]["gb_second"] == 0.0000208334


def test_regions_without_every_price_and_other_currencies_stay_out() -> None:
    """af-south-1 is in one list only, cn-north-1 is in CNY."""
    found = tool.prices_of(listed("lambda", "gateway"))
    assert list(found["regions"]) == ["eu-central-2", "us-east-1"]


def test_the_older_list_says_how_old_the_prices_are() -> None:
    """A figure is never older than the date says."""
    assert tool.prices_of(listed("lambda", "gateway"))["published"] == "2026-08-30"


@pytest.mark.parametrize("names", [("lambda",), ("gateway",)])
def test_one_list_alone_is_refused(names: tuple[str, ...]) -> None:
    """It would leave prices out."""
    with pytest.raises(tool.PriceError, match="AmazonApiGateway"):
        tool.prices_of(listed(*names))


def test_two_prices_for_the_same_are_refused() -> None:
    """Which one AWS bills, nobody can tell from here."""
    other = json.loads((LISTS / "gateway.json").read_text())
    for term in other["terms"]["OnDemand"].values():
        for one in next(iter(term.values()))["priceDimensions"].values():
            one["pricePerUnit"]["USD"] = "0.0000020000"
    with pytest.raises(tool.PriceError, match="two prices for gateway_million"):
        tool.prices_of([*listed("lambda", "gateway"), other])


@pytest.mark.parametrize("text", ["<html>", "{}"])
def test_a_file_that_is_no_price_list_is_told(tmp_path: Path, text: str) -> None:
    """As the command that a person runs; prices.json stays as it is."""
    before = tool.FILE.read_bytes()
    wrong = tmp_path / "x.json"
    wrong.write_text(text)
    command = [sys.executable, "-m", "tools.prices", str(wrong)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("prices: ")
    assert tool.FILE.read_bytes() == before


def test_the_package_reads_what_the_script_writes() -> None:
    """Each region has its own prices; one that the file doesn't have gets those of us-east-1."""
    content = json.loads(json.dumps(tool.prices_of(listed("lambda", "gateway"))))
    zurich, other = (prices.prices_in(content, name) for name in ("eu-central-2", "mars-1"))
    assert (zurich.region, zurich.month, zurich.gateway_million) == (
        "eu-central-2",
        "August 2026",
        1.32,
    )
    assert zurich.functions["x86_64"].gb_second == 0.0000208334
    assert (other.region, other.functions["arm64"].gb_second) == ("us-east-1", 0.0000133334)


def test_the_shipped_prices_name_their_source_and_day() -> None:
    """And they are in the form that the script writes."""
    content = json.loads(tool.FILE.read_text())
    assert content["source"]
    assert date.fromisoformat(content["published"])
    assert prices.price_list("us-east-1").gateway_million > 0


def test_prices_of_more_than_a_year_ago_are_told() -> None:
    """`make release` prints it; no test turns red by itself on a date."""
    assert tool.too_old(date(2025, 8, 1), date(2026, 8, 1)) == ""
    assert "2025-08-01" in tool.too_old(date(2025, 8, 1), date(2026, 8, 2))
