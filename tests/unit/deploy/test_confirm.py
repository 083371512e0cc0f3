"""What an answer of the public URL says of a release, and when asking ends."""

import json
from typing import Any

import pytest

from mldeploy.deploy.confirm import Look, Question, Tally, gives_up, look_of
from mldeploy.http.call import Answer, NoAnswerError
from mldeploy.invoke.requests import request_of_payload

EXPECTED = {"predictions": [{"value": 1.0}], "model": {"release": "new"}}
ASKED = Question("POST /predict", request_of_payload({"instances": [[1.0]]}), EXPECTED)
LOCKED = Question("POST /predict", request_of_payload({}), status=401)

ANSWERS = {
    "the release's own answer is right": (ASKED, 200, {**EXPECTED, "more": 1}, Look()),
    "another release's is wrong": (
        ASKED, 200, {**EXPECTED, "model": {"release": "old"}},
        Look("$.model.release: expected 'new', got 'old'"),
    ),
    "an error of the function is one": (
        ASKED, 500, {"error": "x"}, Look('status 500: {"error": "x"}', failed=True),
    ),
    "one of the gateway may pass": (
        ASKED, 500, {"message": "Internal Server Error"},
        Look('status 500: {"message": "Internal Server Error"}', of_gateway=True),
    ),
    "a refused request is no failure": (
        ASKED, 400, {"error": "x"}, Look('status 400: {"error": "x"}'),
    ),
    "a locked route refuses whoever has no token": (LOCKED, 401, {"message": "no"}, Look()),
    "one that lets them in is wrong": (LOCKED, 200, {}, Look("status 200: {}")),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_what_an_answer_says(case: str) -> None:
    """Held to what the release has to answer."""
    question, status, content, look = ANSWERS[case]
    assert look_of(Answer(status, json.dumps(content), 1.0), question) == look


WRONG = Look("wrong")
FAILED = Look("it answers 500", failed=True)
GATEWAY = Look("it answers 403", of_gateway=True)
SILENT = Look("no answer", silence=NoAnswerError("MLD504", "no answer"))

ENDS: dict[str, tuple[list[tuple[Look, float]], bool]] = {
    "a wrong answer may be the old release's for 30 seconds": ([(WRONG, 29.9)], False),
    "then it is wrong": ([(WRONG, 30.0)], True),
    "the gateway's own refusal passes later": ([(GATEWAY, 60.0)], False),
    "two failures in a row may be bad luck": ([(FAILED, 0.0), (FAILED, 1.0)], False),
    "three aren't": ([(FAILED, 0.0), (FAILED, 1.0), (FAILED, 2.0)], True),
    "three with another answer between them may be": (
        [(FAILED, 0.0), (FAILED, 1.0), (WRONG, 2.0), (FAILED, 3.0)], False,
    ),
    "four times no answer may be bad luck": ([(SILENT, float(n)) for n in range(4)], False),
    "five times is this machine's network": ([(SILENT, float(n)) for n in range(5)], True),
    "five with an answer between them may be": (
        [*((SILENT, float(n)) for n in range(3)), (WRONG, 3.0), (SILENT, 4.0), (SILENT, 5.0)],
        False,
    ),
    "failures and silences aren't added up": (
        [(SILENT, 0.0), (FAILED, 1.0), (SILENT, 2.0), (FAILED, 3.0), (SILENT, 4.0)], False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ENDS)
def test_when_asking_ends(case: str) -> None:
    """Looks with the seconds at which they came; the last one is decisive."""
    looks, over = ENDS[case]
    tally = Tally()
    found: list[Any] = []
    for look, waited in looks:
        tally = tally.after(look)
        found.append(gives_up(look, tally, waited))
    assert found == [*[False] * (len(looks) - 1), over]
