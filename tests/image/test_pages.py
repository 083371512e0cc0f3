"""What the endpoint says of itself: the OpenAPI document, the pages, health and metadata."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.image.openapi_rules import assert_generators_take, assert_linters_agree
from tests.support.events import CONTEXT, http
from tests.support.kinds import KINDS
from tests.support.models import (
    FRAME,
    IRIS,
    REGRESSION,
    USUAL,
    bundle_of,
    handler_of,
    task_of,
)

Handler = Callable[[Any, Any], Any]
PATHS = ("/", "/docs", "/openapi.json", "/health", "/metadata")
ROUTES = "|".join(["POST /predict", *(f"GET {path}" for path in PATHS)])
V2 = "GET /v2|GET /v2/health/live|GET /v2/models/m|GET /v2/models/m/ready|POST /v2/models/m/infer"
MODELS = {"iris": IRIS, "frame": FRAME, "regression": REGRESSION, **KINDS}
HOSTILE = """
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

class_names = ["</script><b>no", "\\u202eyes"]


def data():
    name = "</script><script>alert(1)</script>\\"'&"
    X = pd.DataFrame({name: [n / 7 for n in range(40)], "kind": ["<i>a", '"b', "'c", "d"] * 10})
    return X, [n % 2 for n in range(40)]


def estimator():
    encoder = make_column_transformer((OneHotEncoder(), ["kind"]), remainder="passthrough")
    return make_pipeline(encoder, LogisticRegression())
"""


def served(folder: Path, code: str, routes: str = ROUTES) -> Handler:
    """Return the handler of a model, told of its routes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLDEPLOY_RELEASE", "release-1")
        return handler_of(task_of(bundle_of(code), folder / "task"), *routes.split("|"))


@pytest.fixture(scope="module")
def iris_pages(tmp_path_factory: pytest.TempPathFactory) -> Handler:
    """The tutorial's model with all of its paths."""
    return served(tmp_path_factory.mktemp("pages"), IRIS)


def get(handler: Handler, path: str) -> dict[str, Any]:
    """Return the response to a GET, with status 200."""
    event = http(None, routeKey=f"GET {path}", rawPath=path, headers={})
    found: dict[str, Any] = handler(event, CONTEXT)
    assert found["statusCode"] == 200, found
    assert found["headers"]["x-content-type-options"] == "nosniff"
    return found


@pytest.mark.parametrize("path", PATHS)
def test_head_is_answered_with_the_headers_of_get(iris_pages: Handler, path: str) -> None:
    """RFC 9110, 9.3.2: as to GET. The server in front counts the body and leaves it out."""
    event = http(None, routeKey=f"HEAD {path}", rawPath=path, headers={})
    assert iris_pages(event, CONTEXT) == get(iris_pages, path)


def document(handler: Handler) -> dict[str, Any]:
    """Return the OpenAPI document."""
    return dict(json.loads(get(handler, "/openapi.json")["body"]))


def validator(found: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    """Return what validates by a schema of the document."""
    return Draft202012Validator({**schema, "components": found["components"]})


@pytest.mark.parametrize("kind", MODELS)
def test_the_document_is_valid_and_true(tmp_path: Path, kind: str) -> None:
    """For every kind of model: valid OpenAPI 3.1, and what is sent and answered conforms to it."""
    handler = served(tmp_path, MODELS[kind], f"{ROUTES}|{V2}")
    found = document(handler)
    OpenAPIV31SpecValidator(found).validate()
    operation = found["paths"]["/predict"]["post"]
    body = operation["requestBody"]["content"]["application/json"]
    request = validator(found, body["schema"])
    answers = operation["responses"]["200"]["content"]["application/json"]
    response = validator(found, answers["schema"])
    for example in answers["examples"].values():
        response.validate(example["value"])
    sent = [example["value"] for example in body["examples"].values()]
    for one in (*sent, *requests(body["examples"]["row"]["value"], found)):
        request.validate(one)
        reply = handler(http(one), CONTEXT)
        assert reply["statusCode"] == 200, reply
        response.validate(json.loads(reply["body"]))
    for path in ("/health", "/metadata"):
        described = found["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
        validator(found, described["schema"]).validate(json.loads(get(handler, path)["body"]))
    assert_generators_take(found)
    headers = {"content-type": "text/csv"}
    csv = operation["requestBody"]["content"]["text/csv"]["examples"]["rows"]["value"]
    reply = handler(http(csv, headers=headers), CONTEXT)
    assert reply["statusCode"] == 200, reply
    response.validate(json.loads(reply["body"]))


def requests(example: dict[str, Any], found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the example's row in every format."""
    row = example["features"]
    names = found["components"]["schemas"]["RowObject"]["required"]
    values = [row[name] for name in names] if isinstance(row, dict) else row
    named = dict(zip(names, values, strict=True))
    for one in (values, named):
        yield {"features": one}
        yield {"instances": [one, one]}
        yield {"dataframe_records": [one]}
        yield {"inputs": [one]}
    yield {"dataframe_split": {"columns": names, "data": [values]}, "params": {"a": 1}}
    yield {"inputs": {name: [value, value] for name, value in named.items()}}


HOST = "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"


def asked(handler: Handler, path: str = "/openapi.json", **context: Any) -> dict[str, Any]:
    """Return the document, asked for at a path of a host."""
    context = {"routeKey": "GET /openapi.json", "domainName": HOST, **context}
    headers = {"x-forwarded-proto": "http" if "127" in context["domainName"] else "https"}
    event = http(
        None,
        routeKey="GET /openapi.json",
        rawPath=path,
        headers=headers,
        requestContext=context,
    )
    return dict(json.loads(handler(event, CONTEXT)["body"]))


@pytest.mark.parametrize(
    ("path", "host", "url"),
    [
        ("/openapi.json", HOST, f"https://{HOST}"),
        ("/models/openapi.json", "api.example.com", "https://api.example.com/models"),
        ("/openapi.json", "127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("/openapi.json", "evil.com/?", "/"),
        ("/<b>/openapi.json", HOST, f"https://{HOST}"),
    ],
)
def test_the_document_names_the_url_that_it_was_read_from(
    iris_pages: Handler, path: str, host: str, url: str
) -> None:
    """A stage's, a custom domain's with its mapping, this machine's; nothing that isn't a URL."""
    assert asked(iris_pages, path, domainName=host)["servers"] == [{"url": url}]


@pytest.mark.parametrize(
    ("authorizer", "scheme", "statuses"),
    [
        ({"iam": {"accessKey": "AKIA", "userArn": "arn:aws:iam::1:user/a"}}, "apiKey", {"403"}),
        ({"jwt": {"claims": {"iss": "https://a"}, "scopes": None}}, "http", {"401", "403"}),
        (None, None, set()),
    ],
)
def test_the_document_says_who_may_call(
    tmp_path: Path, authorizer: Any, scheme: str | None, statuses: set[str]
) -> None:
    """By the authorizer in API Gateway's event (payload 2.0); all routes of an API have one."""
    found = asked(served(tmp_path, IRIS, f"{ROUTES}|{V2}"), authorizer=authorizer)
    OpenAPIV31SpecValidator(found).validate()
    assert_linters_agree(found)
    schemes = found["components"].get("securitySchemes", {})
    assert [one["type"] for one in schemes.values()] == ([scheme] if scheme else [])
    assert found["security"] == [{name: []} for name in schemes]
    for methods in found["paths"].values():
        for operation in methods.values():
            assert operation["responses"].keys() & {"401", "403"} == statuses
            message = operation["responses"]["429"]["content"]["application/json"]["schema"]
            validator(found, message).validate({"message": "Too Many Requests"})


def test_columns_of_a_split_may_be_left_out(iris_pages: Handler) -> None:
    """As the endpoint takes it: the rows are then in the order of training."""
    found = document(iris_pages)
    body = found["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    sent: dict[str, Any] = {"dataframe_split": {"data": [[5.1, 3.5, 1.4, 0.2]]}}
    validator(found, body["schema"]).validate(sent)
    assert iris_pages(http(sent), CONTEXT)["statusCode"] == 200
    sent["dataframe_split"]["columns"] = ["a", "b", "c", "d"]
    assert not validator(found, body["schema"]).is_valid(sent)


ODD = """
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

VALUES = {"a b": ["x-y", "x y"], "a_b": [1.5, 2.5], "42": [-1, 1], "class": ["!", "?"]}


def data():
    X = pd.DataFrame({name: values * 40 for name, values in VALUES.items()})
    X["gap"] = ["u", None, "v", "u"] * 20
    return X, np.array([n % 3 == 0 for n in range(80)])


def estimator():
    columns = [*VALUES, "gap"]
    return make_pipeline(
        make_column_transformer((OneHotEncoder(), columns)), LogisticRegression()
    )
"""


def test_values_that_are_no_names_are_no_enum(tmp_path: Path) -> None:
    """openapi-python-client makes a name of each value: floats, booleans and "?" have none."""
    found = document(served(tmp_path, ODD))
    assert_generators_take(found)
    columns = found["components"]["schemas"]["RowObject"]["properties"]
    assert columns["42"]["enum"] == [-1, 1]
    assert columns["gap"]["enum"] == ["u", "v", None]
    row = Draft202012Validator(columns["a b"])
    assert [row.is_valid(value) for value in ("x-y", "x y", "x_y")] == [True, True, False]


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (http("{"), "400"),
        (http({"features": [1]}), "422"),
        (http({"features": [1, 2, 3, "x"]}), "422"),
        (http("x", headers={}), "415"),
        (http("x" * 1_000_001), "413"),
        (http({"instances": [[1, 2, 3, 4]] * 10_001}), "413"),
    ],
)
def test_a_refusal_is_the_documents_problem(iris_pages: Handler, event: Any, status: str) -> None:
    """Each status that is answered is documented, with the shape that it has."""
    found = document(iris_pages)
    reply = iris_pages(event, CONTEXT)
    described = found["paths"]["/predict"]["post"]["responses"][status]["content"]
    assert reply["headers"]["content-type"] in described
    assert str(reply["statusCode"]) == status
    problem = validator(found, described["application/problem+json"]["schema"])
    problem.validate(json.loads(reply["body"]))


def test_a_wrong_request_isnt_in_the_schema(iris_pages: Handler) -> None:
    """The schema says no where the endpoint says no: count, type, unknown and missing columns."""
    found = document(iris_pages)
    operation = found["paths"]["/predict"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    request = validator(found, schema)
    names = found["components"]["schemas"]["RowObject"]["required"]
    named = dict.fromkeys(names, 1.0)
    refused: tuple[Any, ...] = (
        {"features": [1, 2, 3]},
        {"features": [1, 2, 3, "4"]},
        {"features": [1, 2, 3, True]},
        {"features": [1, 2, 3, None]},
        {"features": {**named, "more": 1}},
        {"instances": []},
        {"instances": [[1, 2, 3, 4]], "features": [1, 2, 3, 4]},
        {},
        [],
    )
    for wrong in refused:
        assert not request.is_valid(wrong), wrong
        assert iris_pages(http(wrong), CONTEXT)["statusCode"] in {400, 422}


def test_only_what_is_served_is_documented_and_linked(tmp_path: Path) -> None:
    """A path that isn't switched on is in no document and no link, and asks for a prediction."""
    handler = served(tmp_path, IRIS, "ANY /score/{id}/{rest+}|GET /|GET /openapi.json")
    found = document(handler)
    assert list(found["paths"]) == ["/score/{id}/{rest}", "/", "/openapi.json"]
    operation = found["paths"]["/score/{id}/{rest}"]["post"]
    assert [one["name"] for one in operation["parameters"]] == ["id", "rest"]
    OpenAPIV31SpecValidator(found).validate()
    html = get(handler, "/")["body"]
    assert "openapi.json" in html
    assert "docs" not in html
    assert "<form" not in html
    reply = handler(http(None, routeKey="GET /docs", rawPath="/docs"), CONTEXT)
    assert reply["statusCode"] == 400


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_a_page_loads_nothing_and_runs_its_own_script_alone(iris_pages: Handler, path: str) -> None:
    """A policy lets in nothing but the page's own style and script, and no tag names an address."""
    found = get(iris_pages, path)
    policy = found["headers"]["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert found["headers"]["content-type"] == "text/html; charset=utf-8"
    html = found["body"]
    tags = "".join(re.findall("<[a-z][^<>]*>", html.partition("<script>")[0]))
    assert "://" not in tags
    assert not re.search(r"\s(on\w+|style|src)=|javascript:", tags)
    assert "sepal length (cm)" in html


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_the_policy_admits_each_asset_by_its_hash(iris_pages: Handler, path: str) -> None:
    """The hash is of the text in the page, as a browser reads it: with plain line ends."""
    found = get(iris_pages, path)
    policy, html = found["headers"]["content-security-policy"], found["body"]
    assert "\r" not in html
    for tag in ("style", "script"):
        (content,) = re.findall(f"<{tag}>(.+?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in policy


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_what_comes_out_of_a_model_stays_text(tmp_path: Path, path: str) -> None:
    """Names of columns, categories and classes can't become markup."""
    handler = served(tmp_path, HOSTILE)
    html = get(handler, path)["body"]
    assert html.count("<script") == html.count("</script>") == 1
    assert not re.search(r"<(b|i)>", html)
    assert "alert(1)" in html
    assert handler({"mldeploy": "verify"}, None)["problems"] == []


def test_a_page_shows_the_model_its_quality_and_a_form(iris_pages: Handler) -> None:
    """Task, classes, release, metrics beside the baseline, a field a column with the example."""
    html = get(iris_pages, "/")["body"]
    for text in ("classification", "setosa, versicolor", "release-1", "f1_macro", "30 held-out"):
        assert text in html, text
    fields = re.findall(r'<input [^>]*data-name="([^"]+)"[^>]*value="([^"]*)"', html)
    assert len(fields) == 4
    assert all(float(value) for _, value in fields)


def test_a_page_of_a_model_without_held_out_rows_says_what_measured_it(tmp_path: Path) -> None:
    """The metrics are then the folds' means, and no rows were held out."""
    folds = bundle_of(IRIS, replace(USUAL, cv=3, holdout=0))
    handler = handler_of(task_of(folds, tmp_path / "task"), *ROUTES.split("|"))
    html = get(handler, "/")["body"].partition("<script>")[0]
    assert "mean of the cross-validation" in html
    assert "held-out" not in html


def test_a_regressors_page_knows_how_far_the_held_out_rows_were(tmp_path: Path) -> None:
    """The two numbers of the bundle, for the script that draws them."""
    handler = served(tmp_path, REGRESSION)
    errors = json.loads(get(handler, "/metadata")["body"])["evaluation"]["absolute_errors"]
    assert f'data-half="{errors["50"]}" data-most="{errors["90"]}"' in get(handler, "/")["body"]


def test_health_and_metadata_are_for_programs(iris_pages: Handler) -> None:
    """Which release answers; what the model is, takes and gives, and how good it was."""
    health = json.loads(get(iris_pages, "/health")["body"])
    assert (health["status"], health["model"]["release"]) == ("ok", "release-1")
    found = json.loads(get(iris_pages, "/metadata")["body"])
    assert found["model"]["estimator"].startswith("Pipeline(")
    assert len(found["signature"]["features"]) == 4
    assert found["metrics"]["accuracy"] > 0.9
    assert "provenance" not in found


def test_pages_cost_a_start_nothing(iris_pages: Handler, tmp_path: Path) -> None:
    """Their modules are imported when somebody first asks for one."""
    handler = served(tmp_path, IRIS)
    handler(http({"features": [5.1, 3.5, 1.4, 0.2]}), CONTEXT)
    import sys

    loaded = [name for name in sys.modules if name.startswith("endpoint.pages")]
    assert loaded == []
