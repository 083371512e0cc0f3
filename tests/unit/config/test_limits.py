"""Each limit: what is just inside passes, what is just outside is refused."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mldeploy.config import NAME, limits, routes
from mldeploy.facts import quotas

SHA = "0" * 64

GOOD: list[tuple[Callable[[str], str], list[str]]] = [
    (limits.name, ["iris", "a", "iris-2", "a1-b2"]),
    (limits.region, ["eu-central-1", "us-gov-west-1", "us-iso-east-1", "eusc-de-east-1"]),
    (limits.role_arn, ["arn:aws:iam::123456789012:role/path/a_b"]),
    (limits.policy_arn, ["arn:aws-cn:iam::123456789012:policy/b", "arn:aws:iam::aws:policy/Read"]),
    (limits.handler, ["app:handle", "app.main:handle", "endpoint.handler:handle", "endpoints:x"]),
    (
        routes.route,
        ["POST /predict", "ANY /", "GET /a/{id}/b", "GET /{proxy+}", "$default", "GET /a/%20~b"],
    ),
    (limits.variable, ["AB", "a_1", "TZ", "PATH", "AWS_MAX_ATTEMPTS"]),
    (limits.tag_key, ["Team", "cost center", "größe", "k" * 128]),
    (limits.tag_value, ["", "a b", "v" * 256]),
    (routes.origin, ["*", "https://example.com", "http://localhost:3000", "https://*"]),
    (routes.method, ["*", "GET", "OPTIONS"]),
    (routes.header, ["*", "content-type", "X-Api-Key"]),
    (limits.inside, ["a", "a/b.py", "./a"]),
    (limits.requirement, ["pandas", "pandas==2.3.3", f"a @ https://host/a.whl#sha256={SHA}"]),
    (limits.index_url, ["https://user:pw@host/simple"]),
    (limits.image_name, ["public.ecr.aws/lambda/python:3.12", "host:5000/a@sha256:00"]),
]

BAD: list[tuple[Callable[[str], str], list[str]]] = [
    (limits.name, ["", "A", "1a", "a_b", "a--b", "-a", "a-", "a\n"]),
    (limits.region, ["", "nowhere", "eu-central", "EU-central-1", "eu-central-1\n"]),
    (limits.role_arn, ["role", "arn:aws:iam::12:role/a", "arn:aws:iam::123456789012:user/a"]),
    (limits.policy_arn, ["arn:aws:iam::123456789012:role/a"]),
    (limits.handler, ["app", "app.handle", "app:", "a-b:c", ":x", "a:" + "b" * 127]),
    (limits.handler, ["endpoint.custom:handle", "endpoint.handler:verify", "endpoint:handle"]),
    (
        routes.route,
        [
            *("", "/predict", "post /a", "FETCH /a", "POST predict", "POST  /a", "GET /a//b"),
            *("GET /a/", "GET /{proxy+}/a", "GET /{a}{b}", "GET /a b", "GET /{x}/{x}", "GET /a?b"),
            *("GET /{}", "$other"),
        ],
    ),
    (
        limits.variable,
        ["A", "1A", "A-B", "_A", "AWS_REGION", "_HANDLER", "LAMBDA_TASK_ROOT", "MLDEPLOY_RELEASE"],
    ),
    (limits.tag_key, ["", "aws:x", "AWS:x", "mldeploy:stage", "a!", "k" * 129]),
    (limits.tag_value, ["!", "v" * 257]),
    (routes.origin, ["example.com", "https://a/", "https://", "https://a/b", ""]),
    (routes.method, ["get", "ANY", ""]),
    (routes.header, ["", "a b", "a:b"]),
    (limits.inside, ["", " ", "/etc", "..", "a/../b", "..\\b", "a\0"]),
    (limits.requirement, ["", "-r other.txt", "--index-url=x", "a\nb", "./a"]),
    (
        limits.requirement,
        ["a==1 --index-url=https://x", "a @ file:///tmp/a", "a @ git+https://x/a"],
    ),
    (limits.requirement, ["a @ https://host/a.whl", f"a @ https://host/a.zip#sha256={SHA}"]),
    (limits.requirement, [f"a @ http://host/a.whl#sha256={SHA}", "a @ https://h/a.whl#sha256=ab"]),
    (limits.index_url, ["ftp://host", "host/simple", "https://a b"]),
    (limits.image_name, ["", "-x", "a b", "a\nRUN x"]),
]


@pytest.mark.parametrize(
    ("check", "value"), [(check, value) for check, values in GOOD for value in values]
)
def test_what_aws_takes_passes(check: Callable[[str], str], value: str) -> None:
    """A check returns what it lets through, unchanged."""
    assert check(value) == value


@pytest.mark.parametrize(
    ("check", "value"), [(check, value) for check, values in BAD for value in values]
)
def test_what_aws_refuses_is_refused_here(check: Callable[[str], str], value: str) -> None:
    """A check raises with a sentence that goes on after the key's name."""
    with pytest.raises(ValueError, match=r"^(must|is|uses) "):
        check(value)


def test_the_environment_is_measured_as_lambda_measures_it() -> None:
    """4096 bytes of compact JSON pass, with mldeploy's own variable in it; one more doesn't."""
    assert limits.environment_bytes({}) == len('{"MLDEPLOY_RELEASE":""}') + 64
    room = quotas.ENVIRONMENT_BYTES - limits.environment_bytes({"KEY": ""})
    assert limits.environment({"KEY": "v" * room})
    assert limits.environment({"KEY": "ü" * (room // 2)})
    with pytest.raises(ValueError, match="4097"):
        limits.environment({"KEY": "v" * (room + 1)})
    with pytest.raises(ValueError, match="bytes"):
        limits.environment({"KEY": "ü" * room})


def test_tags_are_counted_with_ours_and_compared_without_case() -> None:
    """AWS takes 50 a resource, of which two are ours; IAM's keys ignore case."""
    assert limits.tags({f"k{number}": "" for number in range(48)})
    with pytest.raises(ValueError, match="48"):
        limits.tags({f"k{number}": "" for number in range(49)})
    with pytest.raises(ValueError, match="case"):
        limits.tags({"Team": "", "team": ""})


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_is_a_positive_number(value: float) -> None:
    """TOML can write nan and inf; API Gateway takes neither."""
    with pytest.raises(ValueError, match="more than 0"):
        limits.rate(value)


def test_routes_that_differ_in_parameter_names_alone_are_one() -> None:
    """API Gateway couldn't choose between them."""
    assert routes.route_shape("GET /a/{x}") == routes.route_shape("GET /a/{y}")
    assert routes.route_shape("GET /a/{x}") != routes.route_shape("GET /a/{x+}")
    assert routes.route_shape("GET /a/{x+}") == routes.route_shape("GET /a/{y+}")
    assert routes.route_shape("GET /a") != routes.route_shape("POST /a")


def shapes(service: str) -> dict[str, Any]:
    """Return botocore's own description of a service."""
    import botocore

    found = max(Path(botocore.__file__).parent.glob(f"data/{service}/*/service-2.json*"))
    content = gzip.decompress(found.read_bytes()) if found.suffix == ".gz" else found.read_bytes()
    shapes: dict[str, Any] = json.loads(content)["shapes"]
    return shapes


def test_the_limits_agree_with_botocores_models() -> None:
    """Where botocore's models state the service's limit, ours is the same."""
    days = re.search(r"Possible values are: ([^.]+)\.", shapes("logs")["Days"]["documentation"])
    assert days is not None
    assert tuple(map(int, re.findall(r"\d+", days[1]))) == quotas.RETENTION_DAYS
    assert shapes("iam")["roleNameType"]["max"] == quotas.ROLE_NAME_LENGTH
    assert shapes("lambda")["Handler"]["max"] == quotas.HANDLER_LENGTH
    assert shapes("lambda")["MemorySize"]["min"] == quotas.MEMORY[0]
    gateway = shapes("apigatewayv2")
    assert gateway["IntegerWithLengthBetween50And30000"]["max"] == quotas.GATEWAY_SECONDS * 1000
    assert gateway["IntegerWithLengthBetweenMinus1And86400"]["max"] == quotas.CORS_MAX_AGE[1]


@pytest.mark.parametrize("name", ["a", "iris-2", "a1-b-c3"])
def test_a_project_name_always_makes_a_repository_name(name: str) -> None:
    """What NAME allows, ECR allows after our prefix."""
    assert NAME.fullmatch(name)
    assert re.fullmatch(shapes("ecr")["RepositoryName"]["pattern"], f"mldeploy/{name}")
