"""KServe's client, for both of its protocols."""

import asyncio
from typing import Any

from answers import Answer, Model, array_of, frame_of, of_v2, run
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

_NAME = "predict"
_DATATYPES = {"b": "BOOL", "i": "INT64", "f": "FP64", "O": "BYTES"}


def _columns(model: Model) -> dict[str, Any]:
    if model["kind"] != "frame":
        return {"input-0": array_of(model)}
    frame = frame_of(model)
    arrays = {name: frame[name].to_numpy() for name in frame}
    return {n: a if a.dtype.kind in "bif" else a.astype(object) for n, a in arrays.items()}


def _input(name: str, array: Any, *, binary: bool) -> Any:
    made = InferInput(name, list(array.shape), _DATATYPES[array.dtype.kind])
    made.set_data_from_numpy(array, **({} if binary else {"binary_data": False}))
    return made


async def _v2(model: Model, *, binary: bool) -> Answer:
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    if not await client.is_model_ready(model["url"], _NAME):
        raise RuntimeError("the model isn't ready")
    inputs = [_input(name, array, binary=binary) for name, array in _columns(model).items()]
    request = InferRequest(model_name=_NAME, infer_inputs=inputs)
    response = await client.infer(model["url"], request, model_name=_NAME)
    return of_v2({one.name: one.as_numpy().tolist() for one in response.outputs}, model)


async def _v1(model: Model) -> Answer:
    client = InferenceRESTClient(RESTConfig(protocol="v1"))
    body = {"instances": model["rows"]}
    answer = await client.infer(model["url"], body, model_name=_NAME)
    return {"predict": answer["predictions"]}


run(
    {
        "KServe, v2": lambda model: asyncio.run(_v2(model, binary=True)),
        "KServe, v2, JSON": lambda model: asyncio.run(_v2(model, binary=False)),
        "KServe, v1": lambda model: asyncio.run(_v1(model)),
    }
)
