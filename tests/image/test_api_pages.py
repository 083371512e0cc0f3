"""The pages and the document of an API with several functions, from its mldeploy.toml."""

import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from mldeploy.config.file import load_config
from mldeploy.local.ways.staging import recipe, stage
from tests.image.openapi_rules import assert_generators_take, assert_linters_agree
from tests.support.events import CONTEXT, http, routed
from tests.support.models import FRAME, IRIS, bundle_of, handler_of

Handler = Callable[[Any, Any], Any]
TOML = """
[project]
name = "flowers"
title = "Flowers </title><b>"
description = "First <i>.\\n\\nSecond."
contact = "ml@example.com"
[image]
include = ["own.py"]
[models.one]
[functions.predict]
paths = ["/", "/docs", "/openapi.json", "/v2"]
max_rows = 7
[functions.one]
model = "one"
paths = ["/v2", "/metadata"]
max_rows = 5
[functions.own-check]
handler = "own:handle"
route = "PUT /check/{id}"
[functions.queue]
handler = "own:handle"
route = false
[functions.same]
[api]
auth = "none"
"""


@pytest.fixture(scope="module")
def handlers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Handler]]:
    """The handlers of two models behind one API, each from its own image's files."""
    root = tmp_path_factory.mktemp("api")
    (root / "mldeploy.toml").write_text(TOML)
    (root / "own.py").write_text("def handle(event, context): ...\n")
    shutil.copytree(bundle_of(IRIS).path, root / "model")
    shutil.copytree(bundle_of(FRAME).path, root / "models/one")
    config = load_config(root, environ={})
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        for function in config.functions:
            if function.name not in {"predict", "one"}:
                continue
            task = tmp_path_factory.mktemp(function.name) / "task"
            task.mkdir()
            stage(recipe(config.of_model(function.model)), task)
            variables = config.variables(function)
            for name, value in variables.items():
                patch.setenv(name, value)
            found[function.name] = handler_of(task, *variables["MLDEPLOY_ROUTES"].split("|"))
        # The last one's variables stay: that is the function with the documents.
        yield found


def got(handler: Handler, path: str, **more: Any) -> str:
    """Return the body of a page."""
    reply = handler({**routed(f"GET {path}"), **more}, CONTEXT)
    assert reply["statusCode"] == 200, reply
    return str(reply["body"])


@pytest.fixture(scope="module")
def document(handlers: dict[str, Handler]) -> dict[str, Any]:
    """The document of the whole API."""
    return dict(json.loads(got(handlers["predict"], "/openapi.json")))


def test_one_document_has_every_function(document: dict[str, Any]) -> None:
    """Every route of the API, and none that it doesn't have; its title and whom to ask."""
    OpenAPIV31SpecValidator(document).validate()
    assert_generators_take(document)
    assert document["info"]["title"] == "Flowers </title><b>"
    assert document["info"]["description"] == "First <i>.\n\nSecond."
    assert document["info"]["contact"] == {"email": "ml@example.com"}
    routes = {f"{verb} {path}" for path, methods in document["paths"].items() for verb in methods}
    assert routes == {
        *("post /predict", "post /one", "put /check/{id}", "post /same"),
        *("get /", "get /docs", "get /openapi.json", "get /metadata"),
        *("get /v2", "get /v2/health/live", "get /v2/health/ready"),
        *("get /v2/models/predict", "get /v2/models/predict/ready", "get /v2/models/one"),
        *("get /v2/models/one/ready", "post /v2/models/predict/infer", "post /v2/models/one/infer"),
    }
    (parameter,) = document["paths"]["/check/{id}"]["put"]["parameters"]
    assert parameter["name"] == "id"
    servers = [{"url": "https://example.com"}]
    assert_linters_agree({**document, "servers": servers})


def schema_of(document: dict[str, Any], path: str, *, request: bool) -> Draft202012Validator:
    """Return what validates a function's requests or responses."""
    operation = document["paths"][path]["post"]
    content = (operation["requestBody"] if request else operation["responses"]["200"])["content"]
    schema = content["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": document["components"]})


def test_each_function_is_described_by_its_own_model(
    handlers: dict[str, Handler], document: dict[str, Any]
) -> None:
    """The other function itself answers what the document says, and the schemas differ."""
    for name, other in (("predict", "one"), ("one", "predict")):
        examples = document["paths"][f"/{name}"]["post"]["requestBody"]["content"]
        sent = examples["application/json"]["examples"]["rows"]["value"]
        reply = handlers[name](http(sent), CONTEXT)
        assert reply["statusCode"] == 200, reply
        body = json.loads(reply["body"])
        assert schema_of(document, f"/{name}", request=True).is_valid(sent)
        schema_of(document, f"/{name}", request=False).validate(body)
        assert not schema_of(document, f"/{other}", request=True).is_valid(sent)
        assert not schema_of(document, f"/{other}", request=False).is_valid(body)
        csv = examples["text/csv"]["examples"]["rows"]["value"]
        reply = handlers[name](http(csv, headers={"content-type": "text/csv"}), CONTEXT)
        assert reply["statusCode"] == 200, reply


def test_each_function_has_its_own_limits(
    handlers: dict[str, Handler], document: dict[str, Any]
) -> None:
    """As the function itself refuses more."""
    for name, most in (("predict", 7), ("one", 5)):
        examples = document["paths"][f"/{name}"]["post"]["requestBody"]["content"]
        row = examples["application/json"]["examples"]["row"]["value"]["features"]
        valid = schema_of(document, f"/{name}", request=True).is_valid
        assert valid({"instances": [row] * most})
        assert not valid({"instances": [row] * (most + 1)})
        if name == "predict":  # the variables of `one` aren't this process's
            refused = handlers[name](http({"instances": [row] * (most + 1)}), CONTEXT)
            assert refused["statusCode"] == 413


def test_one_page_documents_every_function(handlers: dict[str, Handler]) -> None:
    """The routes at their real URLs, the other model's columns, and no markup of the texts."""
    context = {"domainName": "api.example.com", "routeKey": "GET /docs"}
    html = got(handlers["predict"], "/docs", requestContext=context, headers={})
    page = html.partition("<script>")[0]
    for path in ("/predict", "/one", "/v2/models/one/infer"):
        assert f"https://api.example.com{path}" in page
    for text in ("check/{id}", "petal width (cm)", "smoker", "mailto:ml@example.com", "Second."):
        assert text in page, text
    assert "queue" not in page
    assert "<title>Flowers &lt;/title&gt;&lt;b&gt;" in page
    assert "<i>" not in page
    assert "<b>" not in page
    ids = [part.partition('"')[0] for part in page.split(' id="')[1:]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ({"function": "one"}, "smoker"),
        ({"function": "predict"}, "petal width (cm)"),
        ({"function": "own-check"}, "petal width (cm)"),
        ({"function": "<b>"}, "petal width (cm)"),
        (None, "petal width (cm)"),
    ],
)
def test_the_page_has_a_form_for_each_model(
    handlers: dict[str, Handler], query: dict[str, str] | None, column: str
) -> None:
    """The query names the function; any other text is the function with the page."""
    html = got(handlers["predict"], "/", queryStringParameters=query)
    assert f'data-name="{column}"' in html
    assert ('data-path="/one"' in html) is (column == "smoker")
    assert "<b>" not in html
    assert "own-check" not in html
