"""MLServer's codecs, which write a V2 request and read its answer; requests and httpx send it."""

from collections.abc import Callable
from typing import Any

import httpx
import requests
from answers import Answer, Model, array_of, frame_of, run
from mlserver.codecs import NumpyRequestCodec, PandasCodec, StringRequestCodec
from mlserver.types import InferenceRequest, InferenceResponse, RequestOutput

_WRITERS: dict[str, Callable[[Model], InferenceRequest]] = {
    "array": lambda model: NumpyRequestCodec.encode_request(array_of(model)),
    "frame": lambda model: PandasCodec.encode_request(frame_of(model), use_bytes=False),
    "texts": lambda model: StringRequestCodec.encode_request(model["rows"], use_bytes=False),
}


def _ask(post: Callable[..., Any], model: Model, output: str) -> list[Any]:
    """Return one output, as the codec of its datatype reads it."""
    request = _WRITERS[model["kind"]](model)
    request.outputs = [RequestOutput(name=output)]
    url = f"{model['url']}/v2/models/predict/infer"
    response = post(url, json=request.model_dump(exclude_none=True), timeout=60)
    if response.status_code != 200:
        raise RuntimeError(f"{response.status_code}: {response.text}")
    answer = InferenceResponse.model_validate_json(response.text)
    if answer.outputs[0].datatype == "BYTES":
        return list(StringRequestCodec.decode_response(answer))
    found: list[Any] = NumpyRequestCodec.decode_response(answer).tolist()
    return found


def _answer(post: Callable[..., Any]) -> Callable[[Model], Answer]:
    def call(model: Model) -> Answer:
        if not model["outputs"]:
            return {"predict": _ask(post, model, "predict")}
        each = [_ask(post, model, f"predict.{name}") for name in model["outputs"]]
        return {"predict": [list(row) for row in zip(*each, strict=True)]}

    return call


run(
    {
        "MLServer's codecs, requests": _answer(requests.post),
        "MLServer's codecs, httpx": _answer(httpx.post),
    }
)
