"""Libraries and programs that send a body as it is: what a caller writes without a client."""

import asyncio
import csv
import gzip
import io
import json
import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import requests
from answers import Answer, Model, of_native, run

_SECONDS = 60


def _instances(model: Model) -> dict[str, Any]:
    return {"instances": model["rows"]}


def _records(model: Model) -> list[dict[str, Any]]:
    return [dict(zip(model["columns"], row, strict=True)) for row in model["rows"]]


def _csv(model: Model) -> str:
    """Return the rows as CSV; the header of a model that has no names is the endpoint's own."""
    columns = model["columns"]
    if columns is None:
        facts = requests.get(f"{model['url']}/metadata", timeout=_SECONDS).json()
        columns = [one["name"] for one in facts["signature"]["features"]]
    rows = [[one] for one in model["rows"]] if model["kind"] == "texts" else model["rows"]
    written = io.StringIO()
    csv.writer(written).writerows([columns, *rows])
    return written.getvalue()


def _ran(*arguments: str | bytes) -> str:
    done = subprocess.run(arguments, capture_output=True, timeout=_SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr.decode()[-300:]}")
    return done.stdout.decode()


def _curl(model: Model, *arguments: str) -> Answer:
    text = _ran("curl", "-sS", "--fail-with-body", *arguments, f"{model['url']}/predict")
    return of_native(json.loads(text))


def curl(model: Model) -> Answer:
    """`curl --json`."""
    return _curl(model, "--json", json.dumps(_instances(model)))


def curl_csv(model: Model) -> Answer:
    """`curl` with a file of CSV."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.csv"
        file.write_text(_csv(model), encoding="utf-8")
        return _curl(model, "-H", "content-type: text/csv", "--data-binary", f"@{file}")


def curl_gzip(model: Model) -> Answer:
    """`curl` with a compressed body; it accepts compressed answers too."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.json.gz"
        file.write_bytes(gzip.compress(json.dumps(_instances(model)).encode()))
        kinds = ("-H", "content-type: application/json", "-H", "content-encoding: gzip")
        return _curl(model, *kinds, "--compressed", "--data-binary", f"@{file}")


def ab(model: Model) -> Answer:
    """`ab -k`: HTTP/1.0 whose connection stays open; all answers must be 200 and equal."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.json"
        file.write_text(json.dumps(_instances(model)), encoding="utf-8")
        kinds = ("-p", str(file), "-T", "application/json", "-v", "2")
        text = _ran(
            "ab", "-k", "-n", "5", "-c", "1", "-l", "-s", "5", *kinds, f"{model['url']}/predict"
        )
    bodies = [json.loads(line) for line in text.splitlines() if line.startswith('{"')]
    bodies = [one for one in bodies if one.keys() & {"predictions", "detail", "message"}]
    answers = [of_native(one) for one in bodies if "predictions" in one]
    kept = int(re.findall(r"Keep-Alive requests:\s+(\d+)", text)[0])
    if len(answers) < 5 or any(one != answers[0] for one in answers) or "Non-2xx" in text:
        raise RuntimeError(f"not five equal answers: {bodies[:1]} {text[-900:]}")
    if kept != 5:
        raise RuntimeError(f"{kept} of 5 requests kept the connection")
    return answers[0]


def with_requests(model: Model) -> Answer:
    """`requests.post(url, json=…)`."""
    return _native(requests.post(f"{model['url']}/predict", json=_instances(model), timeout=60))


def with_httpx(model: Model) -> Answer:
    """`httpx.post(url, json=…)`."""
    return _native(httpx.post(f"{model['url']}/predict", json=_instances(model), timeout=60))


def with_aiohttp(model: Model) -> Answer:
    """`session.post(url, json=…)`."""

    async def ask() -> Any:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{model['url']}/predict", json=_instances(model)) as response,
        ):
            body = await response.json(content_type=None)
            if response.status != 200:
                raise RuntimeError(f"{response.status}: {body}")
            return body

    return of_native(asyncio.run(ask()))


def _body(response: Any) -> Any:
    if response.status_code != 200:
        raise RuntimeError(f"{response.status_code}: {response.text}")
    return response.json()


def _native(response: Any) -> Answer:
    return of_native(_body(response))


def _to(
    path: str, make: Callable[[Model], Any], key: str = "predictions"
) -> Callable[[Model], Answer]:
    """Return a client that posts JSON there; the answer has plain predictions."""

    def call(model: Model) -> Answer:
        response = requests.post(f"{model['url']}{path}", json=make(model), timeout=_SECONDS)
        return {"predict": _body(response)[key]}

    return call


def _split(model: Model) -> Any:
    names = {"columns": model["columns"]} if model["columns"] else {}
    rows = [[one] for one in model["rows"]] if model["kind"] == "texts" else model["rows"]
    return {"dataframe_split": {**names, "data": rows}}


def _inputs(model: Model) -> Any:
    if not model["columns"]:
        return {"inputs": model["rows"]}
    columns = zip(*model["rows"], strict=True)
    return {"inputs": dict(zip(model["columns"], map(list, columns), strict=True))}


def invocations_csv(model: Model) -> Answer:
    """CSV to MLflow's and SageMaker's path."""
    body, kind = _csv(model).encode(), {"content-type": "text/csv"}
    url = f"{model['url']}/invocations"
    response = requests.post(url, data=body, headers=kind, timeout=_SECONDS)
    return {"predict": _body(response)["predictions"]}


run(
    {
        "curl": curl,
        "curl, CSV": curl_csv,
        "curl, gzip": curl_gzip,
        "ab -k": ab,
        "requests": with_requests,
        "httpx": with_httpx,
        "aiohttp": with_aiohttp,
        "requests, MLflow's dataframe_split": _to("/invocations", _split),
        "requests, MLflow's inputs": _to("/invocations", _inputs),
        "requests, MLflow's CSV": invocations_csv,
        "requests, TensorFlow Serving's instances": _to("/v1/models/predict:predict", _instances),
        "requests, TensorFlow Serving's inputs": _to(
            "/v1/models/predict:predict", _inputs, "outputs"
        ),
    }
)
