"""What invoke sends, and how it judges what comes back."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest

from mldeploy.errors import MldeployError
from mldeploy.invoke.requests import request_of_data, request_of_event
from mldeploy.model.expected import differences

BODY = json.dumps({"features": [5.1, 3.5, 1.4, 0.2]})


@pytest.mark.parametrize("given", ["@file", "-", "@-"])
def test_a_csv_is_sent_as_it_is(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a file by its name, of standard input by its beginning; JSON stays JSON."""
    text = "a,b\n1,2\n3,ü\n"
    (tmp_path / "rows.CSV").write_text(text, encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    request = request_of_data(f"@{tmp_path}/rows.CSV" if given == "@file" else given)
    assert (request.body, request.content_type) == (text.encode(), "text/csv")
    assert request.event["body"] == text
    assert request.event["headers"] == {"content-type": "text/csv"}
    monkeypatch.setattr("sys.stdin", io.StringIO(f" {BODY}\n"))
    assert request_of_data("-").body == BODY.encode()
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(MldeployError, match="isn't JSON"):
        request_of_data("-")


def event_file(tmp_path: Path, event: Any) -> Path:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event))
    return path


def test_a_rest_event_gives_its_body_method_and_path(tmp_path: Path) -> None:
    """The tutorial's REST 1.0 event is understood."""
    path = event_file(tmp_path, {"httpMethod": "POST", "path": "/classify", "body": BODY})
    request = request_of_event(path)
    assert (request.body, request.method, request.path) == (BODY.encode(), "POST", "/classify")


def test_an_http_event_gives_its_body_method_and_path(tmp_path: Path) -> None:
    """An HTTP 2.0 event is understood, base64 bodies included."""
    event = {
        "version": "2.0",
        "rawPath": "/predict",
        "requestContext": {"http": {"method": "POST"}},
        "body": base64.b64encode(BODY.encode()).decode(),
        "isBase64Encoded": True,
    }
    request = request_of_event(event_file(tmp_path, event))
    assert (request.body, request.method, request.path) == (BODY.encode(), "POST", "/predict")
    assert request.event == event


@pytest.mark.parametrize(
    ("headers", "content_type"),
    [
        ({"Content-Type": "text/csv"}, "text/csv"),
        ({"content-type": "text/plain"}, "text/plain"),
        ({"accept": "*/*"}, "application/json"),
        (None, "application/json"),
    ],
)
def test_an_event_says_what_its_body_is(
    tmp_path: Path, headers: dict[str, str] | None, content_type: str
) -> None:
    """By its header, in either way of writing it; without one it is JSON."""
    path = event_file(tmp_path, {"body": "x", "headers": headers})
    assert request_of_event(path).content_type == content_type


@pytest.mark.parametrize(
    ("data", "code"),
    [("{", "MLD108"), ("@/no/such/file", "MLD107"), ("[" * 100_000, "MLD108")],
)
def test_data_that_is_no_json_is_named(data: str, code: str) -> None:
    """A typing error in --data is an error of usage, not a crash."""
    with pytest.raises(MldeployError) as raised:
        request_of_data(data)
    assert raised.value.code == code
    assert raised.value.exit_code == 2


def test_json_that_is_no_event_is_refused(tmp_path: Path) -> None:
    """A bare payload behind --event gets the advice to use --data."""
    with pytest.raises(MldeployError) as raised:
        request_of_event(event_file(tmp_path, {"features": [1]}))
    assert raised.value.code == "MLD109"
    assert "--data" in raised.value.hint


@pytest.mark.parametrize(
    ("expected", "found", "lines"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"a": 0.1}, {"a": 0.1 + 1e-9}, []),
        ({"a": 1}, {"a": True}, ["$.a: expected 1, got True"]),
        ({"a": 1}, {}, ["$.a is missing"]),
        ({"a": [1, 2]}, {"a": [1, 3]}, ["$.a[1]: expected 2, got 3"]),
        ([1], [1, 2], ["$: expected [1], got [1, 2]"]),
        ("setosa", "virginica", ["$: expected 'setosa', got 'virginica'"]),
    ],
)
def test_differences_are_named_by_place(expected: Any, found: Any, lines: list[str]) -> None:
    """Further keys and rounding are fine; everything else is told with its place."""
    assert differences(expected, found) == lines
