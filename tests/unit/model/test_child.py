"""The process in which the user's code runs: what it tells, and how it ends."""

from pathlib import Path

import pytest

from mldeploy.errors import MldeployError
from mldeploy.events import Event, Finished
from tests.support.models import IRIS, failure, project, trained


def test_an_exception_of_the_tools_own_arrives_as_what_it_is(tmp_path: Path) -> None:
    """Not as a process that may have run out of memory."""
    hidden = "\nimport mldeploy.model.frameworks.sklearn.asking as asking\nasking.asked = None\n"
    error = failure(tmp_path, IRIS + hidden)
    assert error.code == "MLD900"
    assert "TypeError" in error.message
    assert dict(error.details)["log"]


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "MLD205", "SIGKILL"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "MLD205", "SIGSEGV"),
        ("import os; os._exit(7)", "MLD205", "exit code 7"),
        ("import sys; sys.exit(3)", "MLD211", "SystemExit: 3"),
    ],
)
def test_the_end_of_the_process_is_named(tmp_path: Path, line: str, code: str, says: str) -> None:
    """By its signal or its exit code; memory is named for SIGKILL alone."""
    error = failure(tmp_path, f"{line}\n" + IRIS)
    assert (error.code, says in error.message) == (code, True), error
    assert ("memory" in error.hint) == (says == "SIGKILL")


def test_a_process_left_behind_doesnt_hold_the_training(tmp_path: Path) -> None:
    """It has inherited what the training's events go through."""
    left = "import os, time\nif not os.fork():\n    time.sleep(60)\n    os._exit(0)\n"
    events: list[Event] = trained(project(tmp_path, left + IRIS)).events
    assert [one for one in events if isinstance(one, Finished)]


def test_a_fitted_model_is_kept_and_taken_up(tmp_path: Path) -> None:
    """A check that fails after the fit costs no second fit; other data is refused."""
    from mldeploy.model.train import train

    config = project(tmp_path, IRIS)
    with pytest.raises(MldeployError) as raised:
        train(config, lambda _event: None, {"accuracy": 0.999})
    assert dict(raised.value.details)["kept"].endswith(
        "`mldeploy train --resume` continues with it"
    )
    events: list[Event] = []
    bundle = train(config, events.append, resume=True)
    fits = [one for one in events if isinstance(one, Finished) and one.step.startswith("fit ")]
    assert not fits
    assert bundle.facts["metrics"]["accuracy"] > 0.9
    assert not (tmp_path / ".model.fitted").exists()
    with pytest.raises(MldeployError, match="no fitted model") as raised:
        train(config, events.append, resume=True)
    assert raised.value.code == "MLD225"


def test_a_kept_model_isnt_taken_for_other_data(tmp_path: Path) -> None:
    """The truth is asked on the rows of now: they must be those of the fit."""
    from mldeploy.model.train import train

    config = project(tmp_path, IRIS)
    with pytest.raises(MldeployError):
        train(config, lambda _event: None, {"accuracy": 0.999})
    other = "\nwhole = data\ndef data():\n    return whole().data + 1, whole().target\n"
    (tmp_path / "train.py").write_text(IRIS + other)
    with pytest.raises(MldeployError, match="other rows") as raised:
        train(config, lambda _event: None, resume=True)
    assert raised.value.code == "MLD225"
