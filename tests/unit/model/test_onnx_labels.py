"""Class labels in ONNX files, and the order that they give the scores."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mldeploy.model.frameworks.onnx.labels import label_lists, ordered


def graph(path: Path, **attributes: Any) -> Path:
    """Write a graph whose only node has these attributes, beside a constant."""
    from onnx import TensorProto, helper, numpy_helper

    node = helper.make_node("LinearClassifier", ["x"], ["y"], domain="ai.onnx.ml", **attributes)
    shape = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1])]
    constants = [
        numpy_helper.from_array(np.array([-(2**40), 5]), "numbers"),
        numpy_helper.from_array(np.array(["ä", "z"], dtype=object), "texts"),
        numpy_helper.from_array(np.array([1.0, 2.0], dtype=np.float32), "weights"),
    ]
    made = helper.make_graph([node], "g", shape, shape, constants)
    path.write_bytes(helper.make_model(made).SerializeToString())
    return path


def test_labels_are_read_from_attributes_and_constants(tmp_path: Path) -> None:
    """Negative and large numbers and texts are whole; weights and repeated values are no labels."""
    path = graph(tmp_path / "m.onnx", labels=[-7, 0, 2**60], names=["a", "b"], nodes=[1, 1, 2])
    found = label_lists(path)
    assert [-7, 0, 2**60] in found
    assert ["a", "b"] in found
    assert [-(2**40), 5] in found
    assert ["ä", "z"] in found
    assert len(found) == 4


@pytest.mark.parametrize("content", [b"", b"\xff", b"hello world", b"\x3a\x05\x0a"])
def test_a_file_that_cant_be_followed_has_no_labels(tmp_path: Path, content: bytes) -> None:
    """The lists are only a help: what isn't protocol buffers has none."""
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    assert label_lists(path) == []


@pytest.mark.parametrize(
    ("shown", "count", "lists", "order"),
    [
        ({0: "b", 1: "a"}, 2, [], ["b", "a"]),
        ({0: "a"}, 3, [["a", "b", "c"]], ["a", "b", "c"]),
        ({0: 0}, 3, [], [0, 1, 2]),
        ({0: 0}, 3, [[0, 1, 2], [1, -1, 3]], [0, 1, 2]),
        ({0: 0, 1: 1}, 3, [[0, 1, 5]], None),
        ({0: "a"}, 3, [["a", "b", "c"], ["a", "d", "e"]], None),
        ({0: "a"}, 3, [["x", "y", "z"]], None),
        ({0: "a"}, 2, [], None),
    ],
)
def test_an_order_is_given_only_where_it_is_certain(
    shown: dict[int, Any], count: int, lists: list[list[Any]], order: list[Any] | None
) -> None:
    """All classes shown, or one list that fits them: two possible orders are none."""
    assert ordered(shown, count, lists) == order
