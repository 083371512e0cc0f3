"""Writes mldeploy/facts/prices.json from AWS's price list: python -m tools.prices FILE...

Each FILE is a path or an https URL.
Needed are the JSON files of the services AWSLambda and AmazonApiGateway, of
all regions or of some. How to get them:
https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api.html
What is in them:
https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
"""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import urllib3

FILE = Path(__file__).parents[1] / "mldeploy" / "facts" / "prices.json"
SOURCE = "AWS Price List, AWSLambda and AmazonApiGateway"
MOST_AGE = timedelta(days=365)

_MILLION = Decimal(1_000_000)
_GROUPS = {
    "AWS-Lambda-Duration": ("gb_second", Decimal(1)),
    "AWS-Lambda-Requests": ("million_requests", _MILLION),
    "AWS-Lambda-Provisioned-Concurrency": ("provisioned_gb_second", Decimal(1)),
    "AWS-Lambda-Duration-Provisioned": ("provisioned_duration_gb_second", Decimal(1)),
}
"""The price that a group of Lambda's products contains, and its units. Arm's end in -ARM."""
_GATEWAY = ("gateway_million", _MILLION)
_FIGURES = {
    *((arch, figure) for arch in ("arm64", "x86_64") for figure, _ in _GROUPS.values()),
    ("", _GATEWAY[0]),
}
Figures = dict[tuple[str, str], float]
"""Of a region: the price of each (architecture, figure), USD."""


class PriceError(Exception):
    """Raised if the files don't contain the prices; the text is the reason."""


def main() -> int:
    """Write the prices of the files that the command line names."""
    if len(sys.argv) < 2:  # noqa: PLR2004 - the program's name and a file
        print(__doc__, file=sys.stderr)
        return 2
    try:
        found = prices_of([read(name) for name in sys.argv[1:]])
    except (OSError, ValueError, PriceError) as error:
        print(f"prices: {error}", file=sys.stderr)
        return 1
    FILE.write_text(json.dumps(found, indent=2) + "\n")
    print(f"{FILE.name}: {len(found['regions'])} regions, published on {found['published']}")
    return 0


def read(name: str) -> dict[str, Any]:
    """Return the content of a price list file, by its path or its https URL."""
    if name.startswith("https://"):
        answer = urllib3.request("GET", name)
        if answer.status != 200:  # noqa: PLR2004 - OK
            raise PriceError(f"{name} answers {answer.status}")
        text = answer.data.decode()
    else:
        text = Path(name).read_text()
    content: dict[str, Any] = json.loads(text)
    if not {"products", "terms", "publicationDate"} <= content.keys():
        raise PriceError(f"{name} is no price list: it has no products, terms or publicationDate")
    return content


def prices_of(lists: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the contents of prices.json.

    Args:
        lists: price list files that together contain both services.

    Raises:
        PriceError: no region has all prices, or one has duplicate prices.
    """
    lists = tuple(lists)
    regions: dict[str, Figures] = {}
    for content in lists:
        for region, figure, price in _figures(content):
            known = regions.setdefault(region, {}).setdefault(figure, price)
            if known != price:
                raise PriceError(f"{region} has two prices for {' '.join(figure).strip()}")
    whole = {name: found for name, found in regions.items() if found.keys() >= _FIGURES}
    if not whole:
        raise PriceError(
            "no region has every price: name a file of AWSLambda and one of AmazonApiGateway"
        )
    return {
        "source": SOURCE,
        "published": min(str(one["publicationDate"])[:10] for one in lists),
        "regions": {name: _nested(found) for name, found in sorted(whole.items())},
    }


def _figures(content: dict[str, Any]) -> Iterator[tuple[str, tuple[str, str], float]]:
    """Yield region, (architecture, figure) and price of each product that counts."""
    for sku, product in content["products"].items():
        attributes = product["attributes"]
        named = _named(attributes)
        # The free tier's products are of no region; local zones have prices of their own.
        if named is None or attributes.get("locationType") != "AWS Region":
            continue
        figure, units = named
        price = _price(content["terms"]["OnDemand"].get(sku, {}))
        if price is not None:
            yield attributes["regionCode"], figure, float(price * units)


def _named(attributes: dict[str, str]) -> tuple[tuple[str, str], Decimal] | None:
    """Return which figure a product's price is, and of how many units; None for others."""
    group = attributes.get("group", "")
    base = group.removesuffix("-ARM")
    if base in _GROUPS:
        figure, units = _GROUPS[base]
        return ("x86_64" if base == group else "arm64", figure), units
    if attributes.get("usagetype", "").endswith("ApiGatewayHttpRequest"):
        return ("", _GATEWAY[0]), _GATEWAY[1]
    return None


def _price(terms: dict[str, Any]) -> Decimal | None:
    """Return the price of the first unit, before any tier, in USD; None in another currency."""
    for term in terms.values():
        for dimension in term["priceDimensions"].values():
            dollars = dimension["pricePerUnit"].get("USD")
            if Decimal(dimension.get("beginRange", "0")) == 0 and dollars is not None:
                return Decimal(dollars)
    return None


def _nested(found: Figures) -> dict[str, Any]:
    """Return a region's prices as the file has them."""
    nested: dict[str, Any] = {"gateway_million": found["", "gateway_million"]}
    for arch in ("arm64", "x86_64"):
        nested[arch] = {figure: found[arch, figure] for figure, _ in _GROUPS.values()}
    return nested


def too_old(published: date, today: date) -> str:
    """Return a warning for prices older than a year, or ""."""
    if today - published <= MOST_AGE:
        return ""
    return (
        f"\nnote: {FILE.name} has AWS's prices of {published}, more than a year ago: "
        "run python -m tools.prices with AWS's price list files."
    )


if __name__ == "__main__":
    sys.exit(main())
