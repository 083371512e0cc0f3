"""Writes nodes as a safetensors file (https://huggingface.co/docs/safetensors)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mldeploy.model.compiled.nodes import Node, NotCompilableError

_DTYPES = {
    "bool": "BOOL",
    "uint8": "U8",
    "int8": "I8",
    "uint16": "U16",
    "int16": "I16",
    "uint32": "U32",
    "int32": "I32",
    "uint64": "U64",
    "int64": "I64",
    "float32": "F32",
    "float64": "F64",
}
_ALIGNED = 8
"""The header ends at a multiple of it."""


def save(root: Node, pairs: list[tuple[Any, Node]], path: Path) -> dict[Node, int]:
    """Write a tree of nodes, and return the nodes' ids. The root has the id 0.

    Args:
        root: the whole model.
        pairs: estimators with their nodes.
        path: of the file.

    Raises:
        NotCompilableError: if an argument has a type that the file can't hold.
    """
    others = [node for _, node in pairs if node is not root]
    ids = {node: number for number, node in enumerate([root, *others])}
    writer = _Writer(ids)
    tree = json.dumps(writer.described(root), separators=(",", ":"))
    path.write_bytes(_file(tree, writer.arrays))
    return ids


@dataclass
class _Writer:
    """Describes nodes as JSON values, and collects their arrays."""

    ids: Mapping[Node, int]
    arrays: list[Any] = field(default_factory=list)

    def described(self, value: Any) -> Any:
        import numpy as np

        match value:
            case Node():
                # A node without an estimator of its own isn't compared alone.
                known = {"id": self.ids[value]} if value in self.ids else {}
                arguments = {name: self.described(one) for name, one in value.arguments.items()}
                return {"node": value.kind, **known, "with": arguments}
            case np.ndarray():
                return self._array(value)
            case np.generic():
                return value.item()
            case list() | tuple():
                return [self.described(one) for one in value]
            case dict():
                return {str(name): self.described(one) for name, one in value.items()}
            case None | bool() | int() | float() | str():
                return value
        raise NotCompilableError(f"a value of the type {type(value).__name__} can't be saved")

    def _array(self, array: Any) -> dict[str, Any]:
        if array.dtype.kind == "U":
            return {"texts": array.tolist()}
        if array.dtype.kind == "O":
            return {"objects": [self.described(one) for one in array.tolist()]}
        if array.dtype.name not in _DTYPES:
            raise NotCompilableError(f"an array of the type {array.dtype} can't be saved")
        # BLAS may round differently for another order in memory.
        columns_first = array.flags.f_contiguous and not array.flags.c_contiguous
        self.arrays.append(array.T if columns_first else array)
        name = str(len(self.arrays) - 1)
        return {"transposed": name} if columns_first else {"array": name}


def _file(tree: str, arrays: list[Any]) -> bytes:
    header: dict[str, Any] = {"__metadata__": {"nodes": tree}}
    parts: list[bytes] = []
    size = 0
    # The format allows no gaps. With the largest items first, every array is aligned.
    for number in sorted(range(len(arrays)), key=lambda one: -arrays[one].itemsize):
        array = arrays[number]
        raw = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        header[str(number)] = {
            "dtype": _DTYPES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [size, size + len(raw)],
        }
        parts.append(raw)
        size += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNED)
    return b"".join([len(text).to_bytes(8, "little"), text, *parts])
