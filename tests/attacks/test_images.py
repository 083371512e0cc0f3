"""Images in ECR that the project's own build didn't push: none of them gets a request.

Whoever may push to the repository can put anything under any tag. Each attack is tried with a
Docker engine at hand, where the deploy builds its own image, and without one, where it is refused.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.strict.images import manifest_of
from tests.support.commands import run
from tests.support.places import OWN, PROD, REPOSITORY, Place, foreign
from tests.support.projects import CONFIG, write_bundle
from tests.support.terminal import typing


def alone(place: Place) -> str:
    """Nothing but the tag speaks for it."""
    return foreign(place)


def other_layers(place: Place) -> str:
    """It has the configuration of our own image, which we have pushed, and other layers."""
    tag = place.tag()
    place.command("push")
    place.untag(tag)
    body = json.loads(manifest_of(tag)[0])
    body["layers"][0]["digest"] = "sha256:" + "e" * 64
    return place.put(tag, json.dumps(body), body["mediaType"])


def run_by_another_stage(place: Place) -> str:
    """A function of another stage runs it: who may change that isn't who may change this one."""
    tag, digest = place.tag(), foreign(place)
    code, envelope = place.command("deploy", "--stage", "prod", "--digest", digest)
    assert code == 0, envelope
    assert place.served(PROD) == digest
    assert place.digest_of(tag) == digest
    place.elsewhere()
    return digest


def recorded(**other: str) -> Callable[[Place], str]:
    """This machine has a record of it, but of another place."""

    def attack(place: Place) -> str:
        digest = foreign(place)
        place.record(digest, **other)
        return digest

    return attack


def record_by_others(place: Place) -> str:
    """The record says what it should, but others can write it."""
    digest = foreign(place)
    place.record(digest)
    for path in (place.homes[-1] / "mldeploy/pushed").iterdir():
        path.chmod(0o666)
    return digest


def record_by_link(place: Place) -> str:
    """The record is a link to somebody's file."""
    digest = foreign(place)
    place.record(digest)
    for path in (place.homes[-1] / "mldeploy/pushed").iterdir():
        theirs = place.root / "theirs"
        path.rename(theirs)
        path.symlink_to(theirs)
    return digest


def beside(place: Place) -> str:
    """Its tag says that it stands beside a foreign one, as ours would."""
    foreign(place)
    text, media_type = manifest_of("evil, too")
    digest = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    return place.put(f"{place.tag()}-{digest[7:19]}", text, media_type)


ATTACKS: dict[str, Callable[[Place], str]] = {
    "a tag alone": alone,
    "our configuration, other layers": other_layers,
    "run by another stage": run_by_another_stage,
    "recorded for another account": recorded(account="210987654321"),
    "recorded in another region": recorded(region="us-east-1"),
    "recorded in another repository": recorded(repository="mldeploy/roses"),
    "recorded under another tag": recorded(tag="b" * 32),
    "a record that others can write": record_by_others,
    "a record that is a link": record_by_link,
    "beside a foreign one": beside,
}
EACH = pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)


@EACH
def test_a_foreign_image_is_refused_where_none_can_be_built(
    place: Place, attack: Callable[[Place], str]
) -> None:
    """MLD318 with the digest and the ways out, and nothing was changed."""
    digest = attack(place)
    place.builder.engine = False
    before = place.aws.snapshot()
    place.aws.reset_calls()
    code, envelope = place.command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD318")
    assert "--digest" in envelope["error"]["hint"]
    assert place.aws.mutating_calls() == []
    assert place.aws.snapshot() == before
    assert place.served() != digest


@EACH
def test_a_foreign_image_is_not_what_a_deploy_serves(
    place: Place, attack: Callable[[Place], str]
) -> None:
    """The image is built anew and named beside the foreign one, which keeps its tag."""
    tag, digest = place.tag(), attack(place)
    kept = place.digest_of(tag)
    place.builder.caches.clear()
    code, envelope = place.command("deploy")
    assert code == 0, envelope
    ours = "sha256:" + hashlib.sha256(manifest_of(tag)[0].encode()).hexdigest()
    assert (place.served(), digest != ours) == (ours, True)
    assert place.digest_of(tag) == kept
    assert place.digest_of(f"{tag}-{ours[7:19]}") == ours
    assert not [one for one in place.builder.caches if digest in one]


def test_an_image_beside_a_foreign_one_is_found_again(place: Place) -> None:
    """By this machine's record, and by another one for the function runs it."""
    foreign(place)
    place.command("deploy")
    place.aws.reset_calls()
    for home in (None, place.elsewhere):  # a second machine sees what the function runs
        if home:
            home()
        code, envelope = place.command("deploy")
        assert (code, envelope["result"]["changes"]) == (0, []), envelope
    assert place.aws.mutating_calls() == []


def test_an_image_that_answers_its_own_examples_right_is_held_to_ours(place: Place) -> None:
    """It says that it has no problems; the bundle's rows are sent, and their answers compared."""
    tag = place.tag()
    place.runtime.lying.add(tag)
    code, envelope = place.command("deploy")
    assert (code, envelope["error"]["code"]) == (6, "MLD501")
    assert "golden example 0: value: expected 1.0, got 2.0" in envelope["error"]["message"]
    assert place.served() == ""
    assert place.runtime.asked == [[[1.0]]]


@pytest.mark.parametrize(
    "answer",
    [
        {"problems": []},
        {"problems": [], "predictions": []},
        {"problems": [], "predictions": [{}]},
        {"problems": [], "predictions": [{"value": 1}]},
        {"problems": [], "predictions": [{"value": 1.0}, {"value": 1.0}]},
        {"problems": [], "predictions": {"value": 1.0}},
        {"problems": None, "predictions": [{"value": 1.0}]},
        [],
        None,
        b"no JSON",
        b"[" * 100_000,
    ],
    ids=lambda one: str(one)[:40],
)
def test_no_other_answer_counts_as_right(place: Place, answer: Any) -> None:
    """Whatever shape it has."""
    place.aws.on_invoke(lambda _params: {"Payload": answer, "LogResult": ""})
    code, envelope = place.command("deploy")
    assert (code, envelope["error"]["code"]) == (6, "MLD501")
    assert place.served() == ""


def test_a_rollback_is_held_to_the_examples_of_its_release(place: Place) -> None:
    """This machine has kept them: the bundle is another one by then."""
    tag = place.tag()
    place.command("deploy")
    first = place.served()
    write_bundle(place.root / "model", "another", predictions=[{"value": 1.0 + 1e-9}])
    place.command("deploy")
    place.runtime.lying.add(tag)
    code, envelope = place.command("rollback")
    assert (code, envelope["error"]["code"]) == (6, "MLD501")
    place.runtime.lying.clear()
    assert place.command("rollback")[0] == 0
    assert place.served() == first


def test_a_rollback_without_examples_says_so(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another machine, with another bundle: the release has to start there, and no more."""
    place.command("deploy")
    write_bundle(place.root / "model", "another")
    place.command("deploy")
    place.elsewhere()

    capsys.readouterr()
    assert run(["rollback"]) == 0
    assert "its predictions weren't compared" in capsys.readouterr().err


def test_another_job_s_push_counts_by_its_digest(place: Place) -> None:
    """Push in one job, deploy in another without an engine: the digest is the proof."""
    _, pushed = place.command("push")
    digest = pushed["result"]["digest"]
    place.elsewhere()
    place.builder.engine = False
    assert place.command("deploy")[1]["error"]["code"] == "MLD318"
    for wrong in ("sha256:" + "0" * 64, "sha256:", digest[:-1], digest.upper(), ""):
        code, envelope = place.command("deploy", "--digest", wrong)
        assert (code, envelope["error"]["code"]) == (2, "MLD323"), wrong
    assert place.command("plan", "--digest", digest)[0] == 0
    code, envelope = place.command("deploy", "--digest", digest)
    assert code == 0, envelope
    assert place.served() == digest
    place.elsewhere()
    assert place.command("deploy")[1]["result"]["changes"] == []


def test_a_reviewed_plan_vouches_for_its_images(place: Place) -> None:
    """Who reviewed it agreed to the digests: another machine carries it out without an engine."""
    _, pushed = place.command("push")
    assert place.command("plan", "--out", "plan.json")[0] == 0
    place.elsewhere()
    place.builder.engine = False
    code, envelope = place.command("deploy", "--plan", "plan.json")
    assert code == 0, envelope
    assert place.served() == pushed["result"]["digest"]


def test_a_promotion_is_proved_or_a_person_s(place: Place) -> None:
    """What dev runs is dev's deployers' choice: elsewhere --yes isn't enough, the digest is."""
    place.command("deploy")
    digest = place.served()
    place.elsewhere()
    place.aws.reset_calls()
    for arguments in ((), ("--yes",), ("--digest", "sha256:" + "0" * 64)):
        code, envelope = place.command("promote", "dev", "prod", *arguments)
        assert (code, envelope["error"]["code"]) == (2, "MLD321")
        assert digest in envelope["error"]["message"]
    assert place.aws.mutating_calls() == []
    code, envelope = place.command("promote", "dev", "prod", "--digest", digest)
    assert code == 0, envelope
    assert place.served(PROD) == digest


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_person_sees_the_digest_before_a_promotion(
    place: Place, answer: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal the digest is shown and the answer counts."""
    place.command("deploy")
    digest = place.served()
    place.elsewhere()
    monkeypatch.delenv("MLDEPLOY_DEPLOY__APPROVE")
    place.aws.reset_calls()
    typing(monkeypatch, f"{answer}\n")
    assert run(["promote", "dev", "prod"]) == (0 if answer == "y" else 1)
    shown = capsys.readouterr().err
    assert f"This machine has no proof that the project's build pushed {digest}" in shown
    if answer == "n":
        assert place.aws.mutating_calls() == []
    else:
        assert place.served(PROD) == digest


def test_a_stage_may_have_a_repository_of_its_own(place: Place) -> None:
    """What stands in the shared one decides nothing there; nor does a promotion bring it over."""
    (place.root / "mldeploy.toml").write_text(CONFIG + OWN)
    place.command("deploy")
    code, envelope = place.command("promote", "dev", "prod")
    assert (code, envelope["error"]["code"]) == (1, "MLD322")
    place.builder.engine = False
    assert place.command("deploy", "--stage", "prod")[1]["error"]["code"] == "MLD301"
    place.builder.engine = True
    code, envelope = place.command("deploy", "--stage", "prod")
    assert code == 0, envelope
    code = place.aws.client("lambda").get_function(FunctionName=PROD)["Code"]
    assert f"/{REPOSITORY}/prod@sha256:" in code["ResolvedImageUri"]
    assert place.command("deploy", "--stage", "prod")[1]["result"]["changes"] == []
    assert place.command("destroy", "--stage", "prod", "--yes")[0] == 0
    names = [
        one["repositoryName"]
        for one in place.aws.client("ecr").describe_repositories()["repositories"]
    ]
    assert names == [REPOSITORY]
