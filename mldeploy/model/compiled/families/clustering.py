"""Clusters with centers."""

from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node, require


def _centers(estimator: Any, _converter: Converter) -> Node:
    import numpy as np

    centers = np.ascontiguousarray(estimator.cluster_centers_)
    require(centers.dtype == np.float64, "it was fitted on 32-bit floats")
    squares = np.einsum("ij,ij->i", centers, centers)
    return Node("clustering.KMeans", {"centers": centers, "squares": squares})


ROUNDS = True

CONVERTERS = {"KMeans": _centers, "MiniBatchKMeans": _centers}
