"""[batch]: the function that it adds, and what it refuses."""

from pathlib import Path

import pytest

from mldeploy.config import Config
from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError

START = '[project]\nname = "iris"\n[api]\nauth = "none"\n'
PREFIXES = 'inputs = ["s3://data/in/"]\noutputs = ["s3://data/out/", "s3://other/"]\n'
SAME = "[functions.predict]\n[functions.predict-batch]\n"
TWO = "[functions.predict]\n[functions.other]\n"


def load(folder: Path, text: str, stage: str = "dev") -> Config:
    (folder / "mldeploy.toml").write_text(START + text)
    return load_config(folder, stage=stage, environ={})


def test_it_adds_a_function_with_the_same_model_and_no_route(tmp_path: Path) -> None:
    """What makes requests fast doesn't apply to it; what the model needs does."""
    function = (
        'memory = 512\npaths = ["/"]\nkeep_warm = true\nprovisioned_concurrency = 1\n'
        'permissions = ["mine"]\nenvironment = {AB = "1"}\n'
    )
    config = load(tmp_path, f"[batch]\n{PREFIXES}[functions.predict]\n{function}")
    plain, batch = config.functions
    assert config.batches == batch
    assert config.listed == (plain,)
    assert (plain.name, batch.name, batch.scores) == ("predict", "predict-batch", "predict")
    assert (batch.route, batch.paths, batch.keep_warm, batch.permissions) == ("", (), None, ())
    assert (batch.provisioned_concurrency, batch.reserved_concurrency) == (0, 50)
    assert (batch.memory, batch.timeout) == (1769, 120)
    assert (batch.environment, batch.handler) == (plain.environment, plain.handler)
    assert (batch.reads, batch.writes) == (("s3://data/in/",), ("s3://data/out/", "s3://other/"))
    assert (plain.reads, plain.writes) == ((), ())


def test_a_stage_may_have_batches_alone(tmp_path: Path) -> None:
    """Its section adds the table, and others have none."""
    text = f"[stages.prod.batch]\n{PREFIXES}"
    assert load(tmp_path, text).batches is None
    assert load(tmp_path, text, "prod").batches is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[batch]\n", "`inputs` is missing"),
        ('[batch]\ninputs = ["s3://data/in"]\n', "a slash at the end"),
        ('[batch]\ninputs = ["s3://data/*/"]\n', "without wildcards"),
        ('[batch]\ninputs = ["data/in/"]\n', 's3://BUCKET/PREFIX/"'),
        (f"[batch]\n{PREFIXES}timeout = 301\n", "1 to 300 seconds"),
        (f"[batch]\n{PREFIXES}{TWO}", "other, predict serve a model"),
        (f'[batch]\nfunction = "third"\n{PREFIXES}{TWO}', "which serves no model"),
        (f"[batch]\n{PREFIXES}{SAME}", "serve a model"),
        (
            f'[batch]\nfunction = "predict"\n{PREFIXES}{SAME}',
            "the file has one",
        ),
    ],
)
def test_what_it_refuses(tmp_path: Path, text: str, said: str) -> None:
    """The message says what is allowed."""
    with pytest.raises(MldeployError) as caught:
        load(tmp_path, text)
    assert caught.value.code in {"MLD102", "MLD105"}
    assert said in str(caught.value)


def test_the_longest_name_is_the_state_machines_role(tmp_path: Path) -> None:
    """IAM accepts 64 characters for it."""
    text = f"[batch]\n{PREFIXES}"
    (tmp_path / "mldeploy.toml").write_text(
        START.replace('"iris"', '"a-name-of-eighteen"\nregion = "eu-central-1"') + text
    )
    with pytest.raises(MldeployError, match="_states, has 65 characters; AWS accepts 64"):
        load_config(tmp_path, environ={})
