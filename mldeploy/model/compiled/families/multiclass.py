"""Several classes or outputs by models of one."""

from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.families.ensembles import members_of
from mldeploy.model.compiled.nodes import Node, require


def _one_versus_rest(estimator: Any, converter: Converter) -> Node:
    facts = _facts(estimator, converter) | {"multilabel": bool(estimator.multilabel_)}
    return Node("multiclass.OneVsRestClassifier", facts)


def _one_versus_one(estimator: Any, converter: Converter) -> Node:
    require(estimator.pairwise_indices_ is None, "its table holds distances")
    return Node("multiclass.OneVsOneClassifier", _facts(estimator, converter))


def _facts(estimator: Any, converter: Converter) -> dict[str, Any]:
    return {
        "members": members_of(estimator.estimators_, converter),
        "method": _scores_of(estimator.estimators_[0]),
        "classes": estimator.classes_,
    }


def _scores_of(member: Any) -> str:
    from sklearn.base import is_regressor

    if is_regressor(member):
        return "predict"
    return "decision_function" if hasattr(member, "decision_function") else "predict_proba"


def _multi_output(estimator: Any, converter: Converter) -> Node:
    members = members_of(estimator.estimators_, converter)
    return Node("multiclass.MultiOutput", {"members": members})


def _chain(estimator: Any, converter: Converter) -> Node:
    facts = {
        "members": members_of(estimator.estimators_, converter),
        "method": getattr(estimator, "chain_method_", "predict"),
        "order": list(estimator.order_),
    }
    return Node("multiclass.Chain", facts)


CONVERTERS = {
    "OneVsRestClassifier": _one_versus_rest,
    "OneVsOneClassifier": _one_versus_one,
    "MultiOutputClassifier": _multi_output,
    "MultiOutputRegressor": _multi_output,
    "ClassifierChain": _chain,
    "RegressorChain": _chain,
}
