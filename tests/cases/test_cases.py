"""Every kind of model that people have: the real command, the real handler, and plain Python."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cases import arrays, dates, frames, outputs, refusals
from tests.cases.case import Case
from tests.cases.running import Asker, answers_differ, forms, mldeploy, staged, write

CASES = (*arrays.CASES, *frames.CASES, *dates.CASES, *outputs.CASES, *refusals.CASES)
SERVED = [case for case in CASES if not case.refused]
REFUSED = [case for case in CASES if case.refused]


@pytest.fixture(scope="module")
def asker() -> Iterator[Asker]:
    """The process that asks estimators and handlers, each in a fork."""
    found = Asker()
    yield found
    found.end()


@pytest.mark.parametrize("case", SERVED, ids=str)
def test_the_endpoint_answers_what_the_estimator_answers(
    case: Case, tmp_path: Path, asker: Asker
) -> None:
    """Labels and numbers are those of a fit in plain Python, of many rows and of one alone."""
    (tmp_path / "project").mkdir()
    folder = write(case, tmp_path / "project")
    ran = mldeploy(folder, "train")
    assert ran.exit_code == 0, ran.said + str(ran.result)
    for words in case.says:
        assert words in ran.said
    truth = asker.ask("truth", folder, {})["groups"]
    endpoint = staged(folder, tmp_path / "task", asker)
    signature = endpoint.facts["signature"]
    assert signature["task"] == case.task
    names = [one["name"] for one in signature["features"]]
    bodies = [body for group in truth for body in forms(names, group["rows"])]
    asked = [*case.problems, *case.answers]
    bodies += [("application/json", json.dumps(payload)) for payload, _ in asked]
    replies = endpoint.replies(*bodies)
    for group in truth:
        for _ in forms(names, group["rows"]):
            assert answers_differ(*replies.pop(0), group["answers"]) is None
    for _, wanted in asked:
        _judge(wanted, *replies.pop(0))


def _judge(wanted: Any, status: int, body: dict[str, Any]) -> None:
    """Compare a reply with the words of a 422, or with members of an answer."""
    if isinstance(wanted, str):
        assert (status, wanted in body["detail"]) == (422, True), body
        return
    assert status == 200, body
    for name, value in wanted.items():
        found = body["prediction"][name]
        assert (set(found) if isinstance(value, set) else found) == value


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_what_can_not_be_served_is_refused_with_advice(case: Case, tmp_path: Path) -> None:
    """The code is that of docs/errors.md, and the text says what to write instead."""
    ran = mldeploy(write(case, tmp_path), "train")
    assert ran.exit_code != 0, ran.result
    said = f"{ran.result['message']}\n{ran.result['hint']}"
    assert ran.result["code"] == case.refused, said
    for words in case.says:
        assert words in said
    assert "Traceback" not in said
    assert not (tmp_path / "model").exists()
