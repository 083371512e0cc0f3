"""What a function serves beside its predictions: the gateway's routes, the image's variables."""

import json
from pathlib import Path

import pytest

from mldeploy.config import Config, FunctionConfig
from mldeploy.config.file import load_config
from mldeploy.config.paths import PATHS
from mldeploy.errors import MldeployError
from mldeploy.resources.function import Function
from mldeploy.resources.http_api.api import HttpApi
from tests.support.stacks import config, stack_of

FILE = '[project]\nname = "iris"\n[api]\nauth = "none"\n'


def load(folder: Path, text: str) -> Config:
    """Return the configuration that a file makes."""
    (folder / "mldeploy.toml").write_text(FILE + text)
    return load_config(folder, environ={})


def routes(found: Config) -> list[str]:
    """Return the route keys of the gateway that is wanted."""
    (api,) = [one for one in stack_of(found) if isinstance(one, HttpApi)]
    return [route.key for route in api.routes]


def test_the_gateway_gets_exactly_the_routes_of_the_file(tmp_path: Path) -> None:
    """None beside the predictions' own unless a path is listed; each is read by GET and HEAD."""
    assert routes(load(tmp_path, "")) == ["POST /predict"]
    text = '[functions.predict]\npaths = ["/health", "/", "/openapi.json"]\n'
    assert routes(load(tmp_path, text)) == [
        "GET /",
        "GET /health",
        "GET /openapi.json",
        "HEAD /",
        "HEAD /health",
        "HEAD /openapi.json",
        "POST /predict",
    ]


def test_a_head_that_the_file_gives_away_is_no_second_route(tmp_path: Path) -> None:
    """A function of its own may answer HEAD where another one's path answers GET."""
    text = '[functions.a]\npaths = ["/health"]\n[functions.b]\nroute = "HEAD /health"\n'
    found = load(tmp_path, text)
    assert routes(found) == ["GET /health", "HEAD /health", "POST /a"]
    assert found.routes(found.functions[0]) == ("POST /a", "GET /health")


POLICY_BYTES = 20 * 1024
"""Of a function's resource-based policy
(https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""


def test_every_path_of_the_longest_name_fits_into_an_alias_policy(tmp_path: Path) -> None:
    """Each route is a statement, as Lambda writes one for AddPermission (its developer guide)."""
    name, region, account = "f" * 40, "ap-southeast-2", "123456789012"
    paths = ", ".join(f'"{path}"' for path in PATHS)
    found = load(tmp_path, f"[functions.{name}]\npaths = [{paths}]\n")
    function = f"arn:aws:lambda:{region}:{account}:function:{'f' * 64}:live"
    gateway = f"arn:aws:execute-api:{region}:{account}:{'a' * 10}/$default"
    statements = [
        {
            "Sid": f"mldeploy-{'a' * 10}-{'0' * 8}",
            "Effect": "Allow",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": function,
            "Condition": {"ArnLike": {"AWS:SourceArn": f"{gateway}/{route.replace(' ', '')}"}},
        }
        for route in routes(found)
    ]
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    assert len(json.dumps(policy, separators=(",", ":"))) < POLICY_BYTES


def test_the_protocol_has_a_model_for_each_function_and_one_server(tmp_path: Path) -> None:
    """Two models speak it under their functions' names; the first answers for the server."""
    text = '[functions.a]\npaths = ["/v2"]\n[functions.b]\npaths = ["/v2"]\n'
    found = routes(load(tmp_path, text))
    assert found.count("GET /v2/health/live") == 1
    assert [one for one in found if "+}" in one] == ["GET /v2/{path+}", "POST /v2/{path+}"]
    assert [one for one in found if one.endswith("/infer")] == [
        "POST /v2/models/a/infer",
        "POST /v2/models/b/infer",
    ]


def test_other_protocols_paths_are_routes(tmp_path: Path) -> None:
    """A parameter takes "NAME:predict": no route key has a colon, which AWS may refuse."""
    text = '[functions.iris]\npaths = ["/v1/models", "/invocations", "/ping", "/version"]\n'
    found = [one for one in routes(load(tmp_path, text)) if not one.startswith("HEAD")]
    assert found == [
        "GET /ping",
        "GET /v1/models/iris",
        "GET /version",
        "POST /invocations",
        "POST /iris",
        "POST /v1/models/{model}",
    ]


def test_the_image_is_told_its_routes_and_limits() -> None:
    """The route of predictions first; nothing where the file says nothing, so releases stay."""

    def told(function: FunctionConfig) -> dict[str, str]:
        (one,) = [x for x in stack_of(config(functions=(function,))) if isinstance(x, Function)]
        return {k: v for k, v in one.environment if k != "MLDEPLOY_RELEASE"}

    assert told(FunctionConfig("predict", "POST /predict")) == {}
    more = FunctionConfig(
        "predict",
        "POST /predict",
        paths=("/docs", "/health"),
        max_body=2000,
        max_rows=5,
        extra_columns="ignore",
    )
    assert told(more) == {
        "MLDEPLOY_ROUTES": "POST /predict|GET /docs|GET /health",
        "MLDEPLOY_API": '{"title":"iris","name":"predict"}',
        "MLDEPLOY_MAX_BODY": "2000",
        "MLDEPLOY_MAX_ROWS": "5",
        "MLDEPLOY_EXTRA_COLUMNS": "ignore",
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[functions.a]\npaths = ["/other"]', 'must be "/", "/docs"'),
        ('[functions.a]\npaths = ["/"]\n[functions.b]\npaths = ["/"]', "`GET /` is the route of"),
        (
            '[functions.a]\npaths = ["/health"]\n[functions.b]\nroute = "GET /health"',
            "`GET /health` is the route of [functions.a] and of [functions.b]",
        ),
        (
            '[functions.a]\nhandler = "m:f"\npaths = ["/"]',
            "applies only to functions that serve a model",
        ),
        ("[functions.a]\nmax_body = 999", "1000 to 5500000 bytes"),
        ("[functions.a]\nmax_rows = 0", "1 to 1000000 rows"),
        ('[functions.a]\nextra_columns = "drop"', 'must be "refuse" or "ignore"'),
        (
            '[functions.a]\npaths = ["/v1/models"]\n[functions.b]\npaths = ["/v1/models"]',
            "`POST /v1/models/{model}` is the route of [functions.a] and of [functions.b]",
        ),
    ],
)
def test_what_cant_be_served_is_refused(text: str, says: str, tmp_path: Path) -> None:
    """An unknown path, a path of two functions, a path of a handler that knows no model, limits."""
    with pytest.raises(MldeployError) as raised:
        load(tmp_path, text + "\n")
    assert says in raised.value.message, raised.value.message


def test_every_path_is_documented() -> None:
    """A path that isn't documented doesn't exist for a user."""
    text = (Path(__file__).parents[3] / "docs/configuration.md").read_text()
    assert all(f'`"{path}"`' in text for path in PATHS)
