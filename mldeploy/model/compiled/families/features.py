"""New columns made of others."""

from itertools import combinations, combinations_with_replacement, groupby
from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node, require


def _pca(estimator: Any, _converter: Converter) -> Node:
    facts = {
        "components": estimator.components_,
        "mean": estimator.mean_,
        "variance": estimator.explained_variance_ if estimator.whiten else None,
    }
    return Node("features.PCA", facts)


def _svd(estimator: Any, _converter: Converter) -> Node:
    return Node("features.TruncatedSVD", {"components": estimator.components_})


def _polynomial(estimator: Any, _converter: Converter) -> Node:
    import numpy as np

    least, most = estimator._min_degree, estimator._max_degree  # noqa: SLF001 - of both forms of `degree`
    require(most > 0, "degree is 0")
    bias = bool(estimator.include_bias)
    choose = combinations if estimator.interaction_only else combinations_with_replacement
    degrees = range(0 if bias else 1, most + 1)
    columns = range(estimator.n_features_in_)
    products = [one for degree in degrees for one in choose(columns, degree)]
    places = {product: place for place, product in enumerate(products)}
    kept = [place for one, place in places.items() if not one or len(one) >= least]
    facts = {
        "width": len(products),
        "bias": bias,
        "steps": _steps(places),
        "kept": np.array(kept) if len(kept) < len(products) else None,
        "order": estimator.order,
    }
    return Node("features.PolynomialFeatures", facts)


def _steps(places: dict[Any, int]) -> list[list[int]]:
    """Return how products are made of others, in the order in which scikit-learn multiplies."""
    several = [product for product in places if len(product) > 1]
    found = []
    for (_, column), some in groupby(several, lambda product: (len(product), product[0])):
        others = [places[product[1:]] for product in some]
        found.append([others[0], others[-1] + 1, column])
    return found


ROUNDS = True

CONVERTERS = {
    "PCA": _pca,
    "IncrementalPCA": _pca,
    "TruncatedSVD": _svd,
    "PolynomialFeatures": _polynomial,
}
