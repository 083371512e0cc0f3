"""Whatever makes an image: it is held to Lambda's rules, and tried out for each function."""

from dataclasses import replace

import pytest

from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Event, Note
from mldeploy.images.builder import BuildOptions, Built, Outcome
from mldeploy.images.checked import Checked
from mldeploy.images.cold_start import ColdStart, Measurement
from mldeploy.images.spec import ImageSpec
from mldeploy.images.trials import Trial
from tests.support.engine_api import SPEC, nothing
from tests.support.stacks import RegistryOnly

TWO = replace(SPEC, trials=(Trial(memory=512), Trial("mine:handle")))


class Making(RegistryOnly):
    """Makes an image with no engine."""

    def __init__(self, size: int = 1000, architecture: str = "amd64") -> None:
        super().__init__(lambda *_: "")
        self._facts = size, architecture

    def build(self, spec: ImageSpec, emit: Emit, options: BuildOptions | None = None) -> Built:
        del emit, options
        return Built("an image", spec, *self._facts)


class Running:
    """Notes what is tried; each trial comes to the same."""

    def __init__(self, code: int = 0, output: str = "", instead: str = "") -> None:
        self.tried: list[Trial] = []
        self._told, self._instead = (code, output), instead

    def try_out(self, built: Built, trial: Trial) -> Outcome:
        del built
        self.tried.append(trial)
        return Outcome(*self._told, trial=trial, instead=self._instead)

    def measure(self, wanted: Measurement, runs: int, emit: Emit) -> ColdStart:
        raise NotImplementedError


def test_an_image_is_tried_out_for_each_function() -> None:
    """In the recipe's order; what was made is returned."""
    running = Running()
    built = Checked(Making(), running).build(TWO, nothing)
    assert (built.image_id, running.tried) == ("an image", list(TWO.trials))


@pytest.mark.parametrize(
    ("making", "code"),
    [(Making(size=10_000_000_000), "MLD304"), (Making(architecture="arm64"), "MLD303")],
)
def test_what_lambda_would_not_run_is_not_tried(making: Making, code: str) -> None:
    """Its size and its architecture are known before."""
    running = Running()
    with pytest.raises(MldeployError) as raised:
        Checked(making, running).build(TWO, nothing)
    assert (raised.value.code, running.tried) == (code, [])


def test_a_failed_trial_is_the_last() -> None:
    """The first function's handler is named by the error, the next one isn't tried."""
    running = Running(1, "No module named 'features'")
    with pytest.raises(MldeployError) as raised:
        Checked(Making(), running).build(TWO, nothing)
    assert (raised.value.code, running.tried) == ("MLD305", [TWO.trials[0]])
    assert "features.py" in raised.value.hint


def test_an_image_of_another_architecture_than_this_machines_is_taken_as_it_is() -> None:
    """One trial tells it; a warning says that nothing was checked."""
    running, events = Running(1, "exec format error"), list[Event]()
    Checked(Making(), running).build(TWO, events.append)
    assert len(running.tried) == 1
    assert [one.level for one in events if isinstance(one, Note)] == ["warning"]


def test_what_stood_in_for_the_images_requirements_is_told_once() -> None:
    """However many functions there are."""
    running, events = Running(instead="other packages"), list[Event]()
    Checked(Making(), running).build(TWO, events.append)
    assert len(running.tried) == 2
    notes = [(one.level, one.text) for one in events if isinstance(one, Note)]
    assert notes == [("info", "the predictions of the image were checked with other packages")]
