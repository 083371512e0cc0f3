"""The plan knows the model; stages share images; several models have one each."""

from pathlib import Path
from typing import Any

import pytest

from tests.strict.aws import StrictAws
from tests.support.commands import Command, changes
from tests.support.projects import CONFIG, write_bundle
from tests.support.runtime import Runtime
from tests.support.stacks import RegistryOnly

PROD = "mldeploy_iris_prod_predict"
SIGNATURE = {
    "task": "classification",
    "input": "array",
    "features": [{"name": "width", "dtype": "number"}],
    "class_names": ["setosa", "virginica"],
}
WINE = '\n[models.wine]\n[functions.wine]\nroute = "POST /wine"\nmodel = "wine"\n'


def test_the_plan_compares_the_model_with_the_live_one(command: Command, project: Path) -> None:
    """Metric, versions and the image's size, from the labels of the image that runs."""
    write_bundle(project / "model", signature=SIGNATURE)
    command("deploy")
    versions = {"python": "3.12.1", "scikit-learn": "1.9.2"}
    write_bundle(
        project / "model", "another", signature=SIGNATURE, metrics={"r2": 0.5}, versions=versions
    )
    _, envelope = command("plan")
    (model,) = envelope["result"]["models"]
    assert model["differences"] == [
        "r2: 1.0000 → 0.5000 (worse)",
        "scikit-learn 1.9.1 → 1.9.2",
    ]
    assert (model["function"], model["breaking"]) == ("predict", [])
    assert model["live_bytes"] > 0
    assert model["new_bytes"] is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"class_names": ["setosa"]}, "class 'virginica' removed"),
        (
            {"features": [*SIGNATURE["features"], {"name": "colour", "dtype": "string"}]},
            "feature 'colour' added",
        ),
    ],
)
def test_a_breaking_model_wants_to_be_allowed(
    changed: dict[str, Any], said: str, command: Command, project: Path, aws: StrictAws
) -> None:
    """A feature added or a class gone: refused with nothing changed, until --allow-breaking."""
    write_bundle(project / "model", signature=SIGNATURE)
    command("deploy")
    write_bundle(project / "model", signature={**SIGNATURE, **changed})
    assert command("plan")[1]["result"]["models"][0]["breaking"] == [said]
    aws.reset_calls()
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD463")
    assert said in envelope["error"]["message"]
    assert aws.mutating_calls() == []
    assert command("deploy", "--allow-breaking")[0] == 0


def test_the_plan_says_what_becomes_public_and_permitted(command: Command, project: Path) -> None:
    """A first public route, and then nothing more; a route that opens is named."""
    _, envelope = command("plan")
    opened = envelope["result"]["opened"]
    assert opened[0] == "becomes PUBLIC: POST /predict"
    assert "logs:PutLogEvents" in opened[1]
    (project / "mldeploy.toml").write_text(CONFIG.replace('"none"', '"iam"'))
    command("deploy")
    assert command("plan")[1]["result"]["opened"] == []
    (project / "mldeploy.toml").write_text(CONFIG)
    assert command("plan")[1]["result"]["opened"] == ["becomes PUBLIC: POST /predict"]


def test_promote_gives_a_stage_what_another_one_runs(
    command: Command, project: Path, aws: StrictAws, runtime: Runtime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """No bundle, no build, no push: the digest of dev, verified again with prod's memory."""
    (project / "mldeploy.toml").write_text(
        CONFIG + "\n[stages.prod.functions.predict]\nmemory = 2048\n"
    )
    command("deploy")
    digest = command("releases")[1]["result"]["releases"][0]["digest"]
    for path in (project / "model").iterdir():
        path.unlink()
    monkeypatch.setattr(RegistryOnly, "build", lambda *_: pytest.fail("something was built"))
    code, envelope = command("promote", "dev", "prod")
    assert code == 0
    assert (PROD, "1") in runtime.invoked
    (release,) = command("releases", "--stage", "prod")[1]["result"]["releases"]
    assert release["digest"] == digest
    assert release["memory"] == 2048
    assert release["facts"]["git"] == "0123456789ab"
    assert envelope["result"]["stage"] == "prod"
    aws.reset_calls()
    assert changes(command("promote", "dev", "prod")[1]) == []
    assert aws.mutating_calls() == []


def test_promote_takes_what_is_live_after_a_rollback(command: Command, project: Path) -> None:
    """What dev runs, and not what was deployed to it last."""
    command("deploy")
    first = command("releases")[1]["result"]["releases"][0]["digest"]
    write_bundle(project / "model", "a worse model")
    command("deploy")
    command("rollback")
    assert command("promote", "dev", "prod")[0] == 0
    assert command("releases", "--stage", "prod")[1]["result"]["releases"][0]["digest"] == first


@pytest.mark.parametrize(
    ("stages", "refusal"),
    [
        (("dev", "prod"), "MLD465: stage dev runs no function predict"),
        (("dev", "dev"), "MLD464: dev and dev are the same stage"),
        (("dev", "far"), "MLD464: stage dev is in eu-central-1, far in us-east-1"),
    ],
)
def test_promote_refuses_what_it_cannot_do(
    stages: tuple[str, str], refusal: str, command: Command, project: Path, aws: StrictAws
) -> None:
    """Nothing runs there, one stage, another region: said plainly, nothing changed."""
    far = '\n[stages.far.project]\nregion = "us-east-1"\n[stages.prod.api]\nrate = 1.0\n'
    (project / "mldeploy.toml").write_text(CONFIG + far)
    _, envelope = command("promote", *stages)
    error = envelope["error"]
    assert f"{error['code']}: {error['message']}".startswith(refusal)
    assert aws.mutating_calls() == []


def test_several_models_have_an_image_each(
    command: Command, project: Path, aws: StrictAws, runtime: Runtime
) -> None:
    """Two bundles, two images, two functions; a new wine model touches the wine function only."""
    (project / "mldeploy.toml").write_text(CONFIG + WINE)
    write_bundle(project / "models/wine", "a wine model")
    code, envelope = command("deploy")
    assert code == 0
    assert changes(envelope).count("create image") == 2
    first, second = envelope["result"]["functions"]
    assert first["digest"] != second["digest"]
    assert [one["url"].rpartition("/")[2] for one in (first, second)] == ["predict", "wine"]
    write_bundle(project / "models/wine", "a better wine model")
    aws.reset_calls()
    code, envelope = command("deploy")
    assert code == 0
    assert changes(envelope) == [
        "create image",
        "update function",
        "create version",
        "update alias",
    ]
    named = {str(call.params) for call in aws.calls if call.mutating and call.service == "lambda"}
    assert not any("iris_dev_predict" in one for one in named)


def test_a_function_of_an_unknown_model_is_refused(command: Command, project: Path) -> None:
    """The file's line and what was probably meant."""
    (project / "mldeploy.toml").write_text(CONFIG + WINE.replace('"wine"\n', '"wime"\n'))
    code, envelope = command("plan")
    assert (code, envelope["error"]["code"]) == (2, "MLD102")
    assert "wime" in envelope["error"]["message"]
    assert "wine" in envelope["error"]["message"]
