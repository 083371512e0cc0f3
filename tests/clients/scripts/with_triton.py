"""NVIDIA's client, sync and aio: JSON, and binary tensors as it sends them by default."""

import asyncio
from typing import Any

import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from answers import Answer, Model, array_of, frame_of, of_v2, run

_NAME = "predict"


def _tensors(model: Model, declared: list[dict[str, Any]]) -> list[Any]:
    """Return arrays of the datatypes that the model's metadata declares, with their names."""
    if model["kind"] == "frame":
        frame = frame_of(model)
        found = [(one, frame[one["name"]].to_numpy()) for one in declared]
    else:
        found = [(declared[0], array_of(model))]
    return [(one["name"], one["datatype"], _typed(array, one)) for one, array in found]


def _typed(array: Any, declared: dict[str, Any]) -> Any:
    """Return the array with the datatype and the number of dimensions of a tensor's metadata."""
    from tritonclient.utils import triton_to_np_dtype

    typed = array.astype(triton_to_np_dtype(declared["datatype"]))
    return typed.reshape(-1, 1) if len(declared["shape"]) > typed.ndim else typed


def _inputs(module: Any, model: Model, metadata: Any, *, binary: bool) -> list[Any]:
    made = []
    for name, datatype, array in _tensors(model, metadata["inputs"]):
        made.append(module.InferInput(name, list(array.shape), datatype))
        made[-1].set_data_from_numpy(array, **({} if binary else {"binary_data": False}))
    return made


def _answer(result: Any, model: Model) -> Answer:
    names = [one["name"] for one in result.get_response()["outputs"]]
    return of_v2({name: result.as_numpy(name).tolist() for name in names}, model)


def _sync(model: Model, *, binary: bool) -> Answer:
    client = triton.InferenceServerClient(model["url"].removeprefix("http://"))
    if not (client.is_server_live() and client.is_server_ready() and client.is_model_ready(_NAME)):
        raise RuntimeError("the server or the model isn't ready")
    inputs = _inputs(triton, model, client.get_model_metadata(_NAME), binary=binary)
    return _answer(client.infer(_NAME, inputs), model)


async def _aio(model: Model, *, binary: bool) -> Answer:
    async with triton_aio.InferenceServerClient(model["url"].removeprefix("http://")) as client:
        if not (await client.is_server_ready() and await client.is_model_ready(_NAME)):
            raise RuntimeError("the server or the model isn't ready")
        inputs = _inputs(triton_aio, model, await client.get_model_metadata(_NAME), binary=binary)
        return _answer(await client.infer(_NAME, inputs), model)


run(
    {
        "tritonclient.http": lambda model: _sync(model, binary=True),
        "tritonclient.http, JSON": lambda model: _sync(model, binary=False),
        "tritonclient.http.aio": lambda model: asyncio.run(_aio(model, binary=True)),
        "tritonclient.http.aio, JSON": lambda model: asyncio.run(_aio(model, binary=False)),
    }
)
