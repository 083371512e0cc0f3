"""Everything that is wrong with a configuration is said at once, with its line, without secrets."""

from pathlib import Path

import pytest

from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError
from tests.support.settings import CANARY, POLICY, ROLE, SMALLEST, Write, problem


def test_a_misspelt_key_is_named_with_its_line_and_the_right_one(write: Write) -> None:
    """The message has key, table, file, line, what stands there, did you mean."""
    error = problem(f"{SMALLEST}\n[functions.predict]\nmemroy = 1024\n", write)
    assert error.code == "MLD101"
    assert error.message == (
        "unknown key `memroy` in [functions.predict]\n"
        "  mldeploy.toml:7   memroy = 1024   did you mean `memory`?"
    )


def test_all_problems_are_listed_at_once_in_the_order_of_the_file(write: Write) -> None:
    """A file with several mistakes needs one run, not one run a mistake."""
    error = problem(
        f'{SMALLEST}[functions.predict]\ntimeout = 0\nmemory = "1GB"\n[imgae]\nx = 1\n'
        "[stages.prod.api]\nrate = -1\n",
        write,
        environ={"MLDEPLOY_AIP__AUTH": "none"},
    )
    first, *rows = error.message.splitlines()
    assert first == "5 problems in mldeploy.toml"
    assert [row.split()[0] for row in rows] == [
        *("mldeploy.toml:6", "mldeploy.toml:7", "mldeploy.toml:8", "mldeploy.toml:11"),
        "MLDEPLOY_AIP__AUTH",
    ]


def guarded(auth: str, route: str) -> str:
    """Return a project whose only route wants credentials, and may be called from elsewhere."""
    jwt = "[api.jwt]\nissuer = 'https://a.example'\naudience = ['a']\n" if auth == "jwt" else ""
    return (
        f"[project]\nname = 'iris'\n[api]\nauth = '{auth}'\n{jwt}"
        f"[api.cors]\nallow_origins = ['*']\n[functions.predict]\nroute = '{route}'\n"
    )


@pytest.mark.parametrize("auth", ["iam", "jwt"])
@pytest.mark.parametrize("route", ["ANY /predict", "OPTIONS /predict", "$default"])
def test_a_guarded_route_leaves_preflights_alone(auth: str, route: str, write: Write) -> None:
    """Browsers send them without credentials, so a route that takes them breaks [api.cors]."""
    error = problem(guarded(auth, route), write)
    assert error.code == "MLD102"
    assert "preflight" in error.message
    load_config(write(guarded("none", route)))
    load_config(write(guarded(auth, "POST /predict")))


def test_a_key_in_the_wrong_table_is_told_where_it_belongs(write: Write) -> None:
    """`memory` under [project] isn't a misspelling of anything there."""
    error = problem(f"memory = 1\n{SMALLEST}", write)
    assert "`memory` belongs in [functions.NAME]" in error.message
    error = problem(f'{SMALLEST}[stages.prod.project]\nname = "other"\n', write)
    assert "`name` belongs in [project]" in error.message


@pytest.mark.parametrize(
    ("key", "table"),
    [
        ("holdout", "training"),
        ("categories", "publish"),
        ("canary", "deploy"),
        ("permissions_boundary", "role"),
        ("retention_days", "logs"),
        ("max_age", "api.cors"),
        ("issuer", "api.jwt"),
        ("every", "functions.NAME.keep_warm"),
        ("subnets", "functions.NAME.vpc"),
        ("ttl", "stages.NAME"),
    ],
)
def test_each_table_is_named_for_its_keys(key: str, table: str, write: Write) -> None:
    """A key at the top of the file is told its table, whichever that is."""
    assert f"`{key}` belongs in [{table}]" in problem(f"{key} = 1\n{SMALLEST}", write).message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[functions.predict]\nmemory = 127", "must be 128 to 10240 MB"),
        ("[functions.predict]\nmemory = true", "must be a whole number"),
        ("[functions.predict]\nmemory = 512.0", "must be a whole number"),
        ("[functions.predict]\ntimeout = 901", "must be 1 to 900 seconds"),
        ("[functions.predict]\ntimeout = 31", "must be 1 to 30 seconds, because API Gateway"),
        ("[functions.predict]\nephemeral_storage = 10241", "must be 512 to 10240 MB"),
        ("[functions.predict]\nroute = 'POST predict'", "must be `METHOD /path`"),
        ("[functions.predict]\nenvironment = { AWS_REGION = 'x' }", "`AWS_REGION` in"),
        ("[functions.predict]\nenvironment = { A1 = 5 }", "must be text in quotes"),
        ("[functions.Predict]", "must be lower-case letters"),
        ("[functions.a]\nroute='GET /{x}'\n[functions.b]\nroute='GET /{y}'", "is the route of"),
        ("[functions]\npredict = 1", "must be a table"),
        ("[logs]\nretention_days = 2", "1, 3, 5, 7, 14, 30"),
        ("[api.cors]\nallow_origins = ['https://a/']", "without a path"),
        ("[api.cors]\nmax_age = 5", "`allow_origins` is missing in [api.cors]"),
        ("[functions.predict]\nvpc = {subnets = ['a']}", "must be a subnet's id"),
        ("[functions.predict]\nvpc = {subnets = ['subnet-01234567']}", "needs `subnets` and"),
        ("[functions.predict]\ndead_letter = 'queue'", "must be the ARN of a standard SQS queue"),
        ("[functions.predict]\npermissions = ['a b']", "must be a statement's id"),
        ("[role]\narn = 'mine'", "must be arn:aws:iam::"),
        (
            f"[role]\narn = '{ROLE}'\npermissions_boundary = '{POLICY}'",
            "can't be used together with `arn`",
        ),
        (
            f"[role]\narn = '{ROLE}'\nmanaged_policies = ['{POLICY}']",
            "can't be used together with `arn`",
        ),
        ("[role]\nmanaged_policies = ['AdministratorAccess']", "must be arn:aws:iam::"),
        (f"[role]\nmanaged_policies = {[POLICY] * 21}", "up to 20"),
        ("[image]\ninclude = 'a'", "must be a list"),
        ("[image]\ninclude = ['../a']", "must be a path inside the project"),
        ("[image]\ninclude = ['missing.py']", "missing.py doesn't exist"),
        ("[image]\ninclude = ['.']", "is the whole project"),
        ("[image]\ninclude = ['model/x']", "collides with mldeploy's own model/"),
        ("[image]\ninclude = ['endpoint.py']", "collides with mldeploy's own endpoint/"),
        ("[image]\ninclude = ['golden']", "collides with mldeploy's own golden/"),
        ("[image]\ninclude = ['golden/a.json']", "collides with mldeploy's own golden/"),
        ("[image]\ninclude = ['golden.py']", "golden.py doesn't exist"),
        ("[image]\ndockerfile = 'Dockerfile'", "isn't a file"),
        ("[image]\nca_bundle = 'ca.pem'", "isn't a file"),
        ("[stages]\nprod = 1", "must be a table"),
        ("[project.tags]\n'aws:x' = '1'", "which are reserved"),
    ],
)
def test_a_wrong_value_says_what_is_allowed(text: str, says: str, write: Write) -> None:
    """Every limit is checked here, before any call."""
    error = problem(f"{SMALLEST}{text}\n", write)
    assert error.code in {"MLD102", "MLD105"}
    assert says in error.message
    assert "mldeploy.toml:" in error.message


def test_a_version_that_toml_reads_as_a_number_is_told_to_be_quoted(write: Write) -> None:
    """`python = 3.12` is the obvious thing to write, and 3.10 would be 3.1."""
    error = problem(SMALLEST.replace("[api]", "python = 3.12\n[api]"), write)
    assert "python = 3.12   `" not in error.message
    assert 'must be "3.11", "3.12", "3.13" or "3.14"' in error.message


def test_who_may_call_has_no_default(write: Write) -> None:
    """A public endpoint is a written choice; the error says what can be written."""
    error = problem('[project]\nname = "iris"\n', write)
    assert error.code == "MLD105"
    assert 'auth = "none" (public: anyone may call)' in error.message
    assert 'auth = "iam"' in error.message
    config = load_config(environ={"MLDEPLOY_API__AUTH": "iam"})
    assert config.api.auth == "iam"


def test_a_missing_key_is_listed_with_the_other_problems_unless_it_is_misspelt(
    write: Write,
) -> None:
    """One run tells all, and a typo isn't told twice."""
    error = problem('[project]\nname = "iris"\npyton = "3.12"\n', write)
    assert error.message.startswith("2 problems")
    assert "`auth` is missing" in error.message
    error = problem('[project]\nname = "iris"\n[api]\nauht = "none"\n', write)
    assert "did you mean `auth`?" in error.message
    assert "missing" not in error.message


def test_a_stage_that_is_misspelt_is_told_before_what_it_would_have_had(write: Write) -> None:
    """`auth` isn't missing: it is in the stage that was meant."""
    text = '[project]\nname = "iris"\n[stages.prod.api]\nauth = "iam"\n'
    assert problem(text, write, stage="prd").code == "MLD120"
    assert load_config(stage="prod", environ={}).api.auth == "iam"


def test_a_project_needs_a_name(write: Write) -> None:
    """The folder's name isn't taken silently: renaming it would make a second deployment."""
    error = problem('[api]\nauth = "iam"\n', write)
    assert (error.code, "`name` is missing in [project]" in error.message) == ("MLD105", True)


@pytest.mark.parametrize(
    ("name", "region", "fits"),
    [
        ("a" * 43, "", True),
        ("a" * 44, "", False),
        ("a" * 30, "eu-central-1", True),
        ("a" * 31, "eu-central-1", False),
    ],
)
def test_names_are_measured_as_aws_gets_them(
    name: str, region: str, *, fits: bool, write: Write
) -> None:
    """The function's name and the role's, which carries the region, have 64 characters each."""
    write(SMALLEST.replace("iris", name))
    if fits:
        config = load_config(region=region, environ={})
        assert len(config.function_name("predict")) + len(region) <= 64
        return
    with pytest.raises(MldeployError, match=r"65 characters; AWS accepts 64"):
        load_config(region=region, environ={})


def test_broken_toml_has_its_line(write: Write) -> None:
    """A syntax error says where, and doesn't repeat the line, which may hold a secret."""
    error = problem(f'[project]\nname = "iris"\nindex_url = {CANARY}\n', write)
    assert error.code == "MLD103"
    assert "mldeploy.toml:3   column" in error.message
    assert CANARY not in error.message


def test_a_file_that_is_not_text_is_refused(write: Write) -> None:
    """A file in another encoding is an error of ours, not a traceback."""
    write("").write_bytes(b"\xff\xfe[\x00")
    with pytest.raises(MldeployError, match="UTF-8") as raised:
        load_config(environ={})
    assert raised.value.code == "MLD103"


def test_links_must_not_lead_out_of_the_project(write: Write, tmp_path: Path) -> None:
    """What goes into the image is inside the project, also behind a link."""
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "secret").touch()
    (tmp_path / "link").symlink_to(outside)
    error = problem(f"{SMALLEST}[image]\ninclude = ['link']\n", write)
    assert "is outside the project" in error.message
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "inner").symlink_to(outside / "secret")
    error = problem(f"{SMALLEST}[image]\ninclude = ['data']\n", write)
    assert "a link to a place outside the project: inner" in error.message


@pytest.mark.parametrize(
    "text",
    [
        f"[image]\nindex_url = 'ftp://user:{CANARY}@host'",
        f"[image]\nindex_url = ['https://user:{CANARY}@host']",
        f"[image]\nidnex_url = 'https://user:{CANARY}@host'",
        f"[image]\ntoken = '{CANARY}'",
        f"[image]\nrequirements = ['-i https://user:a@{CANARY}@host']",
        f"[image]\nbase = 'https://user:{CANARY}@host'",
        f"[functions.predict]\nenvironment = '{CANARY}'",
        f"[functions.predict]\nenvironment = {{ TOKEN = ['{CANARY}'] }}",
        f"[functions.predict]\nenvironment = {{ AWS_REGION = '{CANARY}' }}",
        f"[functions.predict]\nenviroment = {{ TOKEN = '{CANARY}' }}",
        f"[functions.predict.environment.TOKEN]\nvalue = '{CANARY}'",
        f"[functions.predict]\nenvironment = {{ TOKEN = '{CANARY * 400}' }}",
        f"[stages.prod.functions.predict]\nenvironment = {{ TOKEN = [['{CANARY}']] }}",
    ],
)
def test_no_secret_is_in_an_error(text: str, write: Write) -> None:
    """Environment values, index credentials, and what may be one under a misspelt key."""
    error = problem(f"{SMALLEST}{text}\n", write)
    assert CANARY not in f"{error} {error.message} {error.hint} {error.details}"


def test_no_secret_is_in_the_configs_repr(write: Write) -> None:
    """A Config in a log or a traceback shows no credentials."""
    write(
        f"{SMALLEST}[image]\nindex_url = 'https://u:{CANARY}@host'\n"
        f"[functions.predict]\nenvironment = {{ TOKEN = '{CANARY}' }}\n"
    )
    assert CANARY not in repr(load_config(environ={}))
