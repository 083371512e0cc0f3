"""Reads a file of nodes."""

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

_DTYPES = {
    "BOOL": "bool",
    "U8": "uint8",
    "I8": "int8",
    "U16": "<u2",
    "I16": "<i2",
    "U32": "<u4",
    "I32": "<i4",
    "U64": "<u8",
    "I64": "<i8",
    "F32": "<f4",
    "F64": "<f8",
}
"""Source: https://huggingface.co/docs/safetensors/main/en/metadata_parsing."""
_KEPT = 31 << 20
"""Bytes of an array that is freed at once: from then on, glibc keeps the memory of smaller ones
for the next, in place of a page fault per 4 kB. Source: https://man7.org/linux/man-pages/man3/mallopt.3.html
(M_MMAP_THRESHOLD, whose upper limit is 32 MB)."""
_KIND = re.compile(r"([a-z_]+)\.([A-Za-z]+)", re.ASCII)

Nodes = dict[int, Any]
"""Nodes by their ids. The root has the id 0; some nodes have none."""


def read(path: Path) -> Nodes:
    """Return the nodes of a file. Their arrays are read-only.

    Raises:
        RuntimeError: if this image doesn't know a node.
    """
    np.empty(_KEPT, dtype=np.uint8)
    raw = path.read_bytes()
    start = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:start])
    tree = json.loads(header.pop("__metadata__")["nodes"])
    arrays = {name: _array(raw, start, one) for name, one in header.items()}
    nodes: Nodes = {}
    _made(tree, arrays, nodes)
    return nodes


def _array(raw: bytes, start: int, entry: dict[str, Any]) -> Any:
    low, high = entry["data_offsets"]
    dtype = np.dtype(_DTYPES[entry["dtype"]])
    count = (high - low) // dtype.itemsize
    return np.frombuffer(raw, dtype, count, start + low).reshape(entry["shape"])


def _made(value: Any, arrays: dict[str, Any], nodes: Nodes) -> Any:
    """Return a value of the tree, with nodes and arrays in place of their descriptions."""
    match value:
        case {"node": kind, "with": arguments}:
            made = {name: _made(one, arrays, nodes) for name, one in arguments.items()}
            nodes[value.get("id", -1)] = found = _class(kind)(**made)
        case {"array": name}:
            found = arrays[name]
        case {"transposed": name}:
            found = arrays[name].T
        case {"texts": texts}:
            found = np.array(texts, dtype=str)
        case {"objects": objects}:
            found = np.empty(len(objects), dtype=object)
            found[:] = objects
        case list():
            found = [_made(one, arrays, nodes) for one in value]
        case dict():
            found = {name: _made(one, arrays, nodes) for name, one in value.items()}
        case _:
            found = value
    return found


def _class(kind: str) -> Any:
    found = _KIND.fullmatch(kind)
    try:
        if found:
            return getattr(import_module(f"endpoint.compiled.{found[1]}"), found[2])
    except (ImportError, AttributeError):
        pass
    raise RuntimeError(f"this image doesn't know the compiled step {kind!r}")
