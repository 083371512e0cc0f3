"""The canary that the command's options ask for."""

import pytest

from mldeploy.config import DeployConfig
from mldeploy.deploy.rollout import with_canary_options
from mldeploy.errors import MldeployError
from tests.support.stacks import config

SET = DeployConfig(canary=0.1, canary_seconds=600)

OPTIONS: dict[str, tuple[str | None, str | None, tuple[float, int] | str]] = {
    "without options the file decides": (None, None, (0.1, 600)),
    "--canary replaces the share alone": ("25%", None, (0.25, 600)),
    "--for replaces the time alone": (None, "2h", (0.1, 7200)),
    "0% is no canary": ("0%", None, (0.0, 600)),
    "a share of 100% is named": ("100%", "2h", "--canary must be"),
    "a time without a unit is named": (None, "10", "--for must be"),
    "a wrong time is named beside the file's own share": ("10%", "10", "--for must be"),
    "of two wrong options the first is named": ("x", "x", "--canary must be"),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_options_replace_the_files_canary(case: str) -> None:
    """The result is the share and the seconds, or the message of MLD113."""
    share, duration, expected = OPTIONS[case]
    if isinstance(expected, str):
        with pytest.raises(MldeployError) as raised:
            with_canary_options(config(deploy=SET), share, duration)
        assert raised.value.code == "MLD113"
        assert raised.value.message.startswith(expected)
        return
    found = with_canary_options(config(deploy=SET), share, duration).deploy
    assert (found.canary, found.canary_seconds) == expected
