"""What AWS refuses, through the real command: a code of ours, AWS's words, and what to do."""

from pathlib import Path

import pytest

from tests.strict.aws import StrictAws
from tests.support.commands import Command
from tests.support.projects import CONFIG, write_bundle

OTHER = "arn:aws:iam::123456789012:role/other"


@pytest.mark.parametrize("deployed", [False, True])
def test_a_new_account_s_memory_is_named(
    command: Command, project: Path, aws: StrictAws, *, deployed: bool
) -> None:
    """MLD428 with the number that this account may have, at a creation and at a change."""
    if deployed:
        assert command("deploy")[0] == 0
    aws.state.most_memory = 3008
    (project / "mldeploy.toml").write_text(CONFIG.replace("512", "4096"))
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD428")
    assert "less than or equal to 3008" in envelope["error"]["message"]
    assert "set memory to 3008 or less" in envelope["error"]["hint"]


def test_a_canary_of_another_role_is_refused_before_it_starts(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """Lambda takes two versions of one role only; nothing is changed before that is said."""
    iam = aws.client("iam")
    iam.create_role(RoleName="other", AssumeRolePolicyDocument="{}")
    command("deploy")
    write_bundle(project / "model", "a better model")
    (project / "mldeploy.toml").write_text(CONFIG + f'[role]\narn = "{OTHER}"\n')
    aws.reset_calls()
    code, envelope = command("deploy", "--canary", "10%", "--for", "10m")
    assert (code, envelope["error"]["code"]) == (1, "MLD426")
    assert OTHER in envelope["error"]["message"]
    assert aws.mutating_calls() == []
    assert command("deploy", "--canary", "0%")[0] == 0


def test_a_canary_doesnt_take_the_old_version_s_secrets(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """The new release reads none any more; the old one still does, with the same role."""
    secret = '[functions.predict.environment]\nPASSWORD = {ssm = "/iris/password"}\n'
    (project / "mldeploy.toml").write_text(CONFIG + secret)
    command("deploy")
    (project / "mldeploy.toml").write_text(CONFIG)
    aws.reset_calls()
    code, envelope = command("deploy", "--canary", "10%", "--for", "10m")
    assert (code, envelope["error"]["code"]) == (1, "MLD426")
    assert "/iris/password" in envelope["error"]["message"]
    assert aws.mutating_calls() == []
    assert command("deploy")[0] == 0
