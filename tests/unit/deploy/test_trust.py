"""Who may deploy from GitHub: the subjects of tokens, the account and the partition."""

from pathlib import Path

import pytest

from mldeploy.config.file import load_config
from mldeploy.deploy.trust import Workflow, github_trust, partition_of
from mldeploy.errors import MldeployError

FILE = '[project]\nname = "iris"\nregion = "eu-central-1"\n[api]\nauth = "none"\n'
ROLE = '[role]\narn = "arn:aws:iam::111122223333:role/mine"\n'
BOUNDARY = '[role]\npermissions_boundary = "arn:aws:iam::444455556666:policy/edge"\n'

SUBJECTS = {
    "the main branch may deploy by default": (
        Workflow("me/iris"), ["repo:me/iris:ref:refs/heads/main"],
    ),
    "another branch replaces main": (
        Workflow("me/iris", "release"), ["repo:me/iris:ref:refs/heads/release"],
    ),
    "an environment replaces the branch": (
        Workflow("me/iris", "release", "prod"), ["repo:me/iris:environment:prod"],
    ),
    "with ids both forms of the name are accepted": (
        Workflow("me@12/iris@34"),
        ["repo:me/iris:ref:refs/heads/main", "repo:me@12/iris@34:ref:refs/heads/main"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SUBJECTS)
def test_subjects_of_tokens(case: str) -> None:
    """As GitHub's "OpenID Connect reference" writes them."""
    workflow, subjects = SUBJECTS[case]
    assert workflow.subjects() == subjects


NO_REPOSITORIES = {
    "a name without an owner": "iris",
    "a path": "me/iris/x",
    "a wildcard": "me/*",
    "a URL": "https://github.com/me/iris",
    "an id of the owner alone": "me@12/iris",
    "an id of the repository alone": "me/iris@34",
    "an id that isn't a number": "me@a/iris@b",
}


@pytest.mark.parametrize("case", NO_REPOSITORIES)
def test_what_is_no_repository_is_refused(case: str) -> None:
    """MLD486, because a pattern would let other repositories deploy."""
    with pytest.raises(MldeployError) as raised:
        Workflow(NO_REPOSITORIES[case]).subjects()
    assert raised.value.code == "MLD486"


PARTITIONS = {
    "commercial regions": ("eu-central-1", "aws"),
    "China": ("cn-north-1", "aws-cn"),
    "GovCloud": ("us-gov-west-1", "aws-us-gov"),
    "the European Sovereign Cloud": ("eusc-de-east-1", "aws-eusc"),
    "a region of the US that isn't GovCloud": ("us-east-1", "aws"),
}


@pytest.mark.parametrize("case", PARTITIONS)
def test_the_partition_of_a_region(case: str) -> None:
    """As botocore's partitions.json has them."""
    region, partition = PARTITIONS[case]
    assert partition_of(region) == partition


ACCOUNTS = {
    "the given account comes first": (ROLE, "999988887777", "999988887777"),
    "the role's account": (ROLE, None, "111122223333"),
    "the boundary's account": (BOUNDARY, None, "444455556666"),
    "no account anywhere": ("", None, "MLD485"),
    "an account of 11 digits": (ROLE, "99998888777", "MLD485"),
    "an account with a letter": ("", "99998888777a", "MLD485"),
}


@pytest.mark.parametrize("case", ACCOUNTS)
def test_the_account_of_the_provider(tmp_path: Path, case: str) -> None:
    """The flag, or else an ARN under [role]; MLD485 without a valid one."""
    table, given, expected = ACCOUNTS[case]
    path = tmp_path / "mldeploy.toml"
    path.write_text(FILE + table)
    config = load_config(tmp_path, environ={})
    if expected == "MLD485":
        with pytest.raises(MldeployError) as raised:
            github_trust(config, Workflow("me/iris"), given)
        assert raised.value.code == expected
        return
    [statement] = github_trust(config, Workflow("me/iris"), given)["Statement"]
    provider = f"arn:aws:iam::{expected}:oidc-provider/token.actions.githubusercontent.com"
    assert statement["Principal"] == {"Federated": provider}
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": ["repo:me/iris:ref:refs/heads/main"],
        }
    }
