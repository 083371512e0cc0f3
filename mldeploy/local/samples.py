"""Sample events for a function, in the forms of REST APIs, HTTP APIs and direct invokes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mldeploy.config import Config, FunctionConfig
from mldeploy.errors import MldeployError
from mldeploy.images.trials import golden_of_handlers
from mldeploy.local.api.payload import ACCOUNT, Request, event_of
from mldeploy.local.api.routes import DEFAULT, Match
from mldeploy.model.bundle import load_bundle

Format = Literal["rest", "http", "direct"]

_JSON = "application/json"
_ERRORS = 400
_MOMENT = 1767225600.0
"""2026-01-01, so that files are reproducible."""
_ID, _CHANCE = "JKJaXmPLvHcESHA=", "0123456789abcdef01234567"


@dataclass(frozen=True)
class Sample:
    """A sample. `body`: as sent; `payload`: parsed, if it is JSON."""

    name: str
    body: str
    payload: Any = None
    content_type: str = _JSON
    valid: bool = True
    direct: bool = True


@dataclass(frozen=True)
class SampleEvents:
    """Sample events.

    Attributes:
        events: by their names, in Lambda's form.
    """

    events: Mapping[str, Any]


@dataclass(frozen=True)
class EventFiles:
    """Files with one sample event each.

    Attributes:
        files: their paths.
    """

    files: tuple[str, ...]


def samples(
    config: Config, function: FunctionConfig, form: Format, *, invalid: bool
) -> dict[str, Any]:
    """Return events by their names: of valid requests, or of rejected ones.

    Raises:
        MldeployError: of reading the bundle or the golden file; MLD603 if the requests of a user's
            handler are unknown; MLD605 for API events of a function without a route.
    """
    if form != "direct" and not function.route:
        raise MldeployError(
            "MLD605",
            f"[functions.{function.name}] has no route, so it gets no events from an API",
            "use --format direct",
        )
    found = _of_golden(config, function) if function.custom else _of_model(config, function)
    chosen = (one for one in found if one.valid is not invalid)
    return {
        one.name: _event(function.route, one, form)
        for one in chosen
        if one.direct or form != "direct"
    }


def _of_model(config: Config, function: FunctionConfig) -> Iterator[Sample]:
    bundle = load_bundle(config.of_model(function.model).bundle)
    yield _sample(function.name, bundle.example)
    yield _sample("rows", {"instances": [bundle.example["features"]] * 2})
    yield Sample("no-body", "", valid=False, direct=False)
    yield Sample("not-json", '{"features": [', valid=False, direct=False)
    text = json.dumps(bundle.example)
    yield Sample("content-type", text, None, "text/plain", valid=False, direct=False)
    yield _sample("unknown-key", {"values": []}, valid=False)
    for name, features in _wrong(bundle.example["features"]):
        yield _sample(name, {"features": features}, valid=False)


def _wrong(features: Any) -> Iterator[tuple[str, Any]]:
    """Yield invalid features, derived from valid ones."""
    strange = {"neither": "a number", "nor": "a text"}
    match features:
        case dict():
            first, *others = features
            yield "missing-column", {name: features[name] for name in others}
            yield "wrong-type", {**features, first: strange}
        case list():
            yield "missing-value", features[:-1]
            yield "wrong-type", [strange, *features[1:]]
        case _:
            yield "wrong-type", strange


def _of_golden(config: Config, function: FunctionConfig) -> Iterator[Sample]:
    if function.golden is None:
        raise MldeployError(
            "MLD603",
            f"[functions.{function.name}] has its own handler and no golden examples, so the "
            "format of its requests is unknown",
            "write a golden file: see `mldeploy explain requests`",
        )
    golden = json.loads(golden_of_handlers(config)[function.handler].text)
    for number, one in enumerate(golden["examples"]):
        refused = one.get("status", 200) >= _ERRORS
        yield _sample(f"{function.name}-{number}", one["request"], valid=not refused)


def _sample(name: str, payload: Any, *, valid: bool = True) -> Sample:
    return Sample(name, json.dumps(payload), payload, valid=valid)


def _event(route: str, sample: Sample, form: Format) -> Any:
    if form == "direct":
        return sample.payload
    method, _, path = route.partition(" ")
    method = "POST" if method in {"ANY", DEFAULT} else method
    parts = [one for one in path.split("/") if one.startswith("{")]
    values = {one.strip("{+}"): one.strip("{+}") for one in parts}
    filled = "/".join(one.strip("{+}") for one in path.split("/")) or "/"
    request = Request(
        method,
        filled,
        (
            ("accept", "*/*"),
            ("content-type", sample.content_type),
            ("host", "api.example.com"),
            ("user-agent", "mldeploy"),
        ),
        sample.body.encode(),
        source="192.0.2.1",
        port=443,
        request_id=_ID,
        moment=_MOMENT,
        chance=_CHANCE,
    )
    if form == "http":
        return event_of(request, Match(route, tuple(values.items())))
    return _rest_event(request, path or "/{proxy+}", values)


def _rest_event(request: Request, resource: str, values: dict[str, str]) -> dict[str, Any]:
    """Return the event of a REST API, payload 1.0, which doesn't change the case of header names.

    Source:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    headers = {name.title(): value for name, value in request.headers}
    return {
        "resource": resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": values or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local",
            "httpMethod": request.method,
            "identity": {"sourceIp": request.source, "userAgent": request.header("user-agent")},
            "path": f"/prod{request.path}",
            "protocol": "HTTP/1.1",
            "requestId": request.request_id,
            "requestTimeEpoch": int(request.moment * 1000),
            "resourcePath": resource,
            "stage": "prod",
        },
        "body": request.body.decode() or None,
        "isBase64Encoded": False,
    }
