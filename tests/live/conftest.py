"""The opt-in suite against a real AWS account, which says when it didn't run."""

import os

import pytest

ASKED = "MLDEPLOY_LIVE"
_NOT_RUN = pytest.StashKey[str]()


def why_not() -> str:
    """Return what keeps the suite from running, or ""."""
    if os.environ.get(ASKED) != "1":
        return f"{ASKED}=1 isn't set"
    if os.environ.get("AWS_ENDPOINT_URL"):
        return "AWS_ENDPOINT_URL names an emulator"
    import boto3

    try:
        boto3.client("sts").get_caller_identity()
    except Exception as error:  # noqa: BLE001 - whatever it is, there is no account
        return f"no AWS account: {error}"
    return ""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the suite out where there is no account, and remember why."""
    here = [item for item in items if item.path.parent.name == "live"]
    reason = why_not() if here else ""
    if reason:
        config.stash[_NOT_RUN] = reason
        items[:] = [item for item in items if item not in here]
        config.hook.pytest_deselected(items=here)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say that nothing was proved on AWS."""
    reason = terminalreporter.config.stash.get(_NOT_RUN, "")
    if reason:
        terminalreporter.write_line(f"live suite: not run ({reason})")
