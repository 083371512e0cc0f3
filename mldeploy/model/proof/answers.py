"""Converts an estimator's outputs to the endpoint's expected predictions.

See docs/requests.md for their forms. The endpoint has separate code for them.
"""

from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.json_values import plain
from mldeploy.model.proof.outputs import Outputs

Answer = dict[str, Any]
_TEXTS = {
    "predict_proba": "probabilities",
    "decision_function": "decision_values",
}
_PLAIN = (str, int, float, type(None))


def answers_of(found: Outputs, signature: dict[str, Any]) -> list[Answer]:
    """Return a prediction per row.

    Raises:
        MldeployError: MLD214 for a prediction that JSON can't represent.
    """
    rows = range(len(found.answers))
    names = [one["name"] for one in signature.get("outputs", ())]
    match signature["task"]:
        case "classification" if names:
            return [_several(found, row, signature["outputs"]) for row in rows]
        case "classification":
            return [_class(found, row, signature) for row in rows]
        case "outliers":
            return [_outlier(found, row) for row in rows]
        case "clustering" if not names:
            return [{"cluster": _value(found.answers[row])} for row in rows]
        case _ if names:
            return [{"values": _by_name(names, found.answers[row])} for row in rows]
        case _:
            return [{"value": _value(found.answers[row])} for row in rows]


def _class(found: Outputs, row: int, known: dict[str, Any]) -> Answer:
    answer = _label(found.answers[row], known)
    if not found.method:
        return answer
    names = known.get("decision_names") or known["class_names"]
    scores = found.scores[row]
    by_name = _by_name(names, scores if getattr(scores, "ndim", 0) else [scores])
    return {**answer, _TEXTS[found.method]: by_name}


def _label(label: Any, known: dict[str, Any]) -> Answer:
    value = _value(label)
    names = [
        name
        for one, name in zip(known["classes"], known["class_names"], strict=True)
        if one == value
    ]
    return {"class_label": value, "class_name": names[0] if names else str(value)}


def _several(found: Outputs, row: int, outputs: list[dict[str, Any]]) -> Answer:
    answers: dict[str, Answer] = {}
    for number, output in enumerate(outputs):
        answer = _label(found.answers[row][number], output)
        if found.method:
            names = output["class_names"]
            if isinstance(found.scores, list):
                scores = found.scores[number][row]
            else:
                names, scores = names[-1:], [found.scores[row][number]]
            answer = {**answer, _TEXTS[found.method]: _by_name(names, scores)}
        answers[output["name"]] = answer
    return {"outputs": answers}


def _outlier(found: Outputs, row: int) -> Answer:
    answer: Answer = {"outlier": int(found.answers[row]) == -1}
    return {**answer, "score": _value(found.scores[row])} if found.method else answer


def _by_name(names: list[str], values: Any) -> dict[str, Any]:
    return {name: _value(value) for name, value in zip(names, list(values), strict=True)}


def _value(value: Any) -> Any:
    """Return a value as JSON has it.

    Raises:
        MldeployError: MLD214.
    """
    if getattr(value, "ndim", 0):
        return [_value(one) for one in value]
    if isinstance(value, list | tuple):
        return [_value(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _value(one) for key, one in value.items()}
    found = plain(value)
    if not isinstance(found, _PLAIN):
        raise MldeployError(
            "MLD214",
            f"the estimator's predictions contain a {type(value).__name__}, which JSON can't "
            "represent",
            "return numbers, texts or booleans",
        )
    return found


def plain_of(answer: Answer) -> Any:
    """Return the plain result of `predict` for a row, as in MLflow's and V2's forms."""
    match answer:
        case {"outputs": dict(outputs)}:
            return [plain_of(one) for one in outputs.values()]
        case {"values": dict(values)}:
            return list(values.values())
        case {"outlier": bool(outlier)}:
            return -1 if outlier else 1
        case {"class_label": value} | {"cluster": value} | {"value": value}:
            return value
        case _:
            return answer
