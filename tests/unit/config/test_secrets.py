"""References to secrets: what the file may say, and what becomes of it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mldeploy.config import Config
from mldeploy.config.file import load_config
from mldeploy.config.references import Reference, secrets_variable
from mldeploy.config.secret_values import values_here
from mldeploy.errors import MldeployError

SMALLEST = '[project]\nname = "iris"\nregion = "eu-central-1"\n[api]\nauth = "none"\n'
TABLE = "[functions.predict.environment]\n"
ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:iris/db-a1B2c3"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
Load = Callable[..., Config]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Give a function that loads a file with these lines in the function's environment."""

    def loaded(lines: str, *, after: str = "", stage: str = "dev", **environ: str) -> Config:
        (tmp_path / "mldeploy.toml").write_text(f"{SMALLEST}{TABLE}{lines}\n{after}")
        return load_config(tmp_path, stage=stage, environ=environ)

    return loaded


def test_texts_and_references_stand_side_by_side(load: Load) -> None:
    """Each form is read; a reference's value is in no text of the environment."""
    config = load(f"""\
LEVEL = "info"
PASSWORD = {{ssm = "/iris/password"}}
TOKEN = {{secretsmanager = "iris/api", json_key = "token"}}
WHOLE = {{secretsmanager = "{ARN}", kms_key = "{KEY}"}}
""")
    (function,) = config.functions
    assert function.environment == (("LEVEL", "info"),)
    assert function.secrets == (
        Reference("PASSWORD", "ssm", "/iris/password"),
        Reference("TOKEN", "secretsmanager", "iris/api", "token"),
        Reference("WHOLE", "secretsmanager", ARN, "", KEY),
    )


def test_one_variable_of_ours_carries_the_places(load: Load) -> None:
    """Names and keys go into the function; the KMS key is the role's alone."""
    (function,) = load(
        f'TOKEN = {{secretsmanager = "iris/api", json_key = "token", kms_key = "{KEY}"}}'
    ).functions
    assert {name: json.loads(one) for name, one in secrets_variable(function.secrets).items()} == {
        "MLDEPLOY_SECRETS": {"TOKEN": {"secretsmanager": "iris/api", "json_key": "token"}}
    }
    assert secrets_variable(()) == {}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("T1 = {}", "must have either `ssm` or `secretsmanager`"),
        ('T1 = {ssm = "/a", secretsmanager = "b"}', "must have either `ssm` or `secretsmanager`"),
        ('T1 = {ssm = "/a", json_key = "k"}', "has `json_key`, which requires `secretsmanager`"),
        ('T1 = {smm = "/a"}', "did you mean `ssm`?"),
        ('T1 = {ssm = ""}', "`ssm` in [functions.predict.environment.T1] must be a parameter's"),
        ('T1 = {ssm = "/a/*"}', "must be a parameter's name"),
        ('T1 = {ssm = "/a b"}', "must be a parameter's name"),
        ('T1 = {secretsmanager = "a?"}', "must be a secret's name"),
        (f'T1 = {{secretsmanager = "{ARN[:-7]}"}}', "its full ARN, including the six characters"),
        ('T1 = {secretsmanager = "a", json_key = ""}', "must be a key of the secret's JSON object"),
        ('T1 = {ssm = "/a", kms_key = "alias/mine"}', "must be the ARN of a customer managed key"),
        ('AWS_REGION = {ssm = "/a"}', "is reserved"),
        (
            f'T1 = {{secretsmanager = "{ARN.replace("eu-central-1", "eu-west-1")}"}}',
            "is in eu-west-1, but the function is in eu-central-1",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_line(load: Load, line: str, said: str) -> None:
    """File, line, what is allowed; and no value is repeated, for one may be a secret."""
    with pytest.raises(MldeployError) as raised:
        load(line)
    assert "mldeploy.toml:7" in raised.value.message
    assert said in raised.value.message
    assert "/a/*" not in raised.value.message


def test_references_count_in_the_environment_s_4_kb(load: Load) -> None:
    """Lambda counts the variable that carries them."""
    line = "\n".join(f'T{n} = {{ssm = "/{"x" * 1000}"}}' for n in range(5))
    with pytest.raises(MldeployError, match="bytes with mldeploy's own variables"):
        load(line)


def test_a_stage_replaces_a_reference_whole(load: Load) -> None:
    """Merged key by key it would name two places; a text may take its place, a variable too."""
    stages = """
[stages.prod.functions.predict.environment]
T1 = {secretsmanager = "b"}
[stages.dry.functions.predict.environment]
T1 = "a text"
"""
    line = 'T1 = {ssm = "/a"}'
    assert load(line, after=stages).functions[0].secrets == (Reference("T1", "ssm", "/a"),)
    prod = load(line, after=stages, stage="prod").functions[0]
    assert prod.secrets == (Reference("T1", "secretsmanager", "b"),)
    dry = load(line, after=stages, stage="dry").functions[0]
    assert (dry.secrets, dry.environment) == ((), (("T1", "a text"),))
    over = load(line, after=stages, MLDEPLOY_FUNCTIONS__PREDICT__ENVIRONMENT__T1="x").functions[0]
    assert (over.secrets, over.environment) == ((), (("T1", "x"),))


def test_a_value_here_is_the_shell_s_then_the_file_s(tmp_path: Path) -> None:
    """`.env` is read as it is, without expansion; what has no value is named."""
    (tmp_path / ".env").write_text("AB='file $HOME'\nCD=file\nOTHER=x\n")
    wanted = [Reference(name, "ssm", "/x") for name in ("AB", "CD", "EF")]
    found = values_here(tmp_path, wanted, {"CD": "shell", "OTHER": "y"})
    assert found.known == (("AB", "file $HOME"), ("CD", "shell"))
    assert found.missing == ("EF",)
    assert "shell" not in repr(found)


def test_an_env_file_is_read_for_references_alone(tmp_path: Path) -> None:
    """Without references a broken one hurts nobody; with them it is named, and not quoted."""
    (tmp_path / ".env").write_bytes(b"AB=\xff\xfehunter2\n")
    assert values_here(tmp_path, (), {}).known == ()
    with pytest.raises(MldeployError) as raised:
        values_here(tmp_path, [Reference("AB", "ssm", "/x")], {})
    assert raised.value.code == "MLD124"
    assert "hunter2" not in str(raised.value)
