"""mldeploy.toml, flags and variables become one Config, or one error that says everything."""

import subprocess
import sys
from pathlib import Path

import pytest

from mldeploy.config import Config, CorsConfig, FunctionConfig
from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError
from tests.support.certificates import certificate
from tests.support.settings import SMALLEST, Write, problem


@pytest.mark.parametrize(
    ("target", "environ", "source"),
    [
        ("aws", {}, "the profile"),
        ("local", {}, "the emulated AWS"),
        ("local", {"AWS_REGION": "eu-west-1"}, "AWS_REGION"),
        ("aws", {"AWS_DEFAULT_REGION": "eu-west-1"}, "AWS_DEFAULT_REGION"),
    ],
)
def test_what_names_the_region_is_known(
    target: str, environ: dict[str, str], source: str, write: Write
) -> None:
    """The place of a plan tells it, and a region of the shell's is taken with care."""
    write(SMALLEST)
    assert load_config(target=target, environ=environ).region_from == source


def test_the_smallest_file_gets_every_default(write: Write) -> None:
    """A name and a choice of who may call are all that must be written."""
    file = write(SMALLEST)
    config = load_config(environ={})
    assert config == Config(
        root=file.parent,
        file=file,
        name="iris",
        stage="dev",
        region="",
        region_from="the profile",
        profile=None,
        python="",
        architecture="x86_64",
        train="train.py",
        image=config.image,
        functions=(FunctionConfig("predict", "POST /predict"),),
        api=config.api,
    )
    assert (config.api.auth, config.api.cors) == ("none", None)


def test_every_key_of_the_file_reaches_the_config(write: Write) -> None:
    """No key is read and dropped."""
    file = write("""\
[project]
name = "iris"
region = "eu-west-1"
python = "3.13"
architecture = "arm64"
train = "src/train.py"
tags = { Team = "ml", cost = "7" }
[image]
base = "public.ecr.aws/lambda/python:3.13"
include = ["features.py"]
requirements = ["pandas==2.3.3"]
dockerfile = "Dockerfile"
index_url = "https://index.example/simple"
ca_bundle = "ca.pem"
network = true
[functions.predict]
route = "POST /v1/predict"
memory = 2048
timeout = 30
ephemeral_storage = 1024
environment = { LEVEL = "info", A1 = "" }
handler = "app:handle"
golden = "golden.json"
[functions.explain]
[api]
auth = "iam"
rate = 5
burst = 6
cors = { allow_origins = ["*"], allow_methods = ["POST"], allow_headers = ["*"], max_age = 60 }
[role]
arn = "arn:aws:iam::123456789012:role/mine"
[logs]
retention_days = 7
""")
    for name in ("features.py", "Dockerfile", "golden.json"):
        (file.parent / name).touch()
    (file.parent / "ca.pem").write_bytes(certificate())
    config = load_config(environ={})
    assert (config.region, config.python, config.architecture) == ("eu-west-1", "3.13", "arm64")
    assert (config.train, config.log_retention) == ("src/train.py", 7)
    assert config.user_tags == (("Team", "ml"), ("cost", "7"))
    assert config.image.base == "public.ecr.aws/lambda/python:3.13"
    assert (config.image.include, config.image.dockerfile) == (("features.py",), "Dockerfile")
    assert config.image.requirements == ("pandas==2.3.3",)
    assert config.image.index_url == "https://index.example/simple"
    assert config.image.network is True
    assert config.image.ca_bundle == str(file.parent / "ca.pem")
    assert config.functions == (
        FunctionConfig("explain", "POST /explain"),
        FunctionConfig(
            *("predict", "POST /v1/predict", 2048, 30, 1024),
            environment=(("A1", ""), ("LEVEL", "info")),
            handler="app:handle",
            golden="golden.json",
        ),
    )
    assert (config.api.auth, config.api.rate, config.api.burst) == ("iam", 5.0, 6)
    assert config.api.cors == CorsConfig(("*",), ("POST",), ("*",), 60)
    assert config.role.arn == "arn:aws:iam::123456789012:role/mine"


def test_flag_then_variable_then_stage_then_file_then_default(write: Write) -> None:
    """Each source gives way to the one before it, key by key."""
    write(
        '[project]\nname = "iris"\nregion = "eu-west-1"\n[api]\nauth = "iam"\nrate = 1\n'
        '[functions.predict]\nmemory = 256\nenvironment = { A1 = "file", B1 = "file" }\n'
        '[stages.prod.project]\nregion = "eu-west-2"\n[stages.prod.api]\nrate = 2\n'
        '[stages.prod.functions.predict]\nmemory = 512\nenvironment = { B1 = "stage" }\n'
    )
    assert load_config(environ={}).region == "eu-west-1"
    prod = load_config(stage="prod", environ={})
    assert (prod.region, prod.api.rate, prod.api.auth) == ("eu-west-2", 2.0, "iam")
    assert prod.functions[0].memory == 512
    assert dict(prod.functions[0].environment) == {"A1": "file", "B1": "stage"}
    environ = {
        "MLDEPLOY_STAGE": "prod",
        "MLDEPLOY_REGION": "eu-west-3",
        "MLDEPLOY_PROFILE": "work",
        "MLDEPLOY_FUNCTIONS__PREDICT__MEMORY": "1024",
        "MLDEPLOY_FUNCTIONS__PREDICT__ENVIRONMENT__B1": "variable",
    }
    variable = load_config(environ=environ)
    assert (variable.stage, variable.region, variable.profile) == ("prod", "eu-west-3", "work")
    assert variable.functions[0].memory == 1024
    assert dict(variable.functions[0].environment) == {"A1": "file", "B1": "variable"}
    flag = load_config(stage="dev", region="us-east-1", profile="other", environ=environ)
    assert (flag.stage, flag.region, flag.profile) == ("dev", "us-east-1", "other")


def test_awss_own_region_variables_come_last(write: Write) -> None:
    """AWS_REGION and AWS_DEFAULT_REGION count where nothing of ours names a region."""
    write(SMALLEST)
    environ = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}
    assert load_config(environ=environ).region == "eu-west-1"
    del environ["AWS_REGION"]
    assert load_config(environ=environ).region == "eu-west-2"
    write(SMALLEST.replace("[api]", 'region = "eu-west-3"\n[api]'))
    assert load_config(environ=environ).region == "eu-west-3"


def test_windows_line_ends_and_byte_order_marks_are_read(write: Write) -> None:
    """Notepad writes both."""
    file = write("")
    file.write_bytes(b"\xef\xbb\xbf" + SMALLEST.replace("\n", "\r\n").encode())
    assert load_config(environ={}).name == "iris"
    file.write_bytes(b"\xef\xbb\xbf" + SMALLEST.replace("\n", "\r\n").encode() + b"x = 1\r\n")
    with pytest.raises(MldeployError, match=r"mldeploy\.toml:5   x = 1"):
        load_config(environ={})


def test_the_file_is_found_from_a_folder_below(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As git does it; errors name the file as it is reached from there."""
    file = write(SMALLEST)
    below = file.parent / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert load_config(environ={}).root == file.parent
    write(SMALLEST + "x = 1\n")
    with pytest.raises(MldeployError, match=r"\.\./\.\./mldeploy\.toml:5"):
        load_config(environ={})


def test_a_file_or_its_folder_can_be_named(write: Write, tmp_path: Path) -> None:
    """By flag, or by MLDEPLOY_CONFIG; a name that isn't there is an error, not a search."""
    file = write(SMALLEST)
    other = tmp_path / "other.toml"
    other.write_text(SMALLEST.replace("iris", "other"))
    assert load_config(file.parent, environ={}).name == "iris"
    assert load_config(environ={"MLDEPLOY_CONFIG": str(other)}).name == "other"
    assert load_config(file, environ={"MLDEPLOY_CONFIG": str(other)}).name == "iris"
    with pytest.raises(MldeployError) as raised:
        load_config(tmp_path / "missing.toml", environ={})
    assert raised.value.code == "MLD104"


def test_no_file_anywhere_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first thing that a newcomer meets."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MldeployError) as raised:
        load_config(environ={})
    assert raised.value.code == "MLD104"
    assert "mldeploy init" in raised.value.hint


def test_a_misspelt_stage_does_not_become_a_new_one(write: Write) -> None:
    """Where the file has stages, only these and dev exist; where it has none, any name does."""
    text = f"{SMALLEST}[stages.prod.api]\nrate = 1\n"
    error = problem(text, write, stage="prd")
    assert (error.code, error.hint) == ("MLD120", "did you mean `prod`?")
    assert load_config(environ={}).stage == "dev"
    write(SMALLEST)
    assert load_config(stage="anything", environ={}).stage == "anything"


@pytest.mark.parametrize("options", [{"stage": "Prod"}, {"stage": "a_b"}, {"region": "here"}])
def test_flags_are_checked_like_the_file(options: dict[str, str], write: Write) -> None:
    """A stage's name goes into names in AWS; a region's is checked for its form."""
    assert problem(SMALLEST, write, **options).code == "MLD102"


def test_an_override_cannot_add_a_function_by_a_misspelling(write: Write) -> None:
    """A further function in a stage states its route; a misspelt one would go live silently."""
    error = problem(
        f"{SMALLEST}[stages.prod.functions.predct]\nmemory = 512\n", write, stage="prod"
    )
    assert "did you mean `predict`?" in error.message
    assert "mldeploy.toml:5" in error.message
    write(f'{SMALLEST}[stages.prod.functions.extra]\nroute = "GET /extra"\n')
    functions = load_config(stage="prod", environ={}).functions
    assert [function.name for function in functions] == ["extra", "predict"]


def test_importing_the_module_imports_no_pydantic() -> None:
    """Pydantic costs more than the whole of `mldeploy --help`; it comes with load_config."""
    code = "import sys, mldeploy.config.file; print('pydantic' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
