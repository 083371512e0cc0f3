"""The house's own rules: who may import whom, and who may print."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "mldeploy"

FLOORS = {
    0: {
        "__init__", "config", "errors", "events", "evidence", "fingerprint", "golden", "handlers",
        "kept", "media_types", "places", "prices", "redact", "scratch", "shipped", "smoke",
        "suggest", "visible",
    },
    1: {
        "aws", "aws_credentials", "aws_emulated", "aws_errors", "aws_rates", "aws_reads", "crash",
        "aws_refusals", "aws_signatures", "base_image", "engine", "http", "image", "image_context",
        "included", "model", "network", "attachments", "provenance", "sbom",
    },
    2: {"resources", "local", "embedded"},
    3: {"plan", "apply", "cloudwatch", "log_events", "verification"},
    4: {
        "render", "stack", "deployment", "deployer_policy", "invocation", "scaffold", "endpoint",
        "confirmation", "consequences", "shared_role", "shift", "canary", "releases", "prune",
        "promotion", "rollout", "trust", "where", "cleaning", "home_region", "reviewed", "stages",
        "vouching", "disclosure", "audit",
    },
    5: {"cli", "__main__"},
}  # fmt: skip
FLOOR = {name: floor for floor, names in FLOORS.items() for name in names}
ONLY_IN = {
    "boto3": {"aws", "aws_credentials", "aws_emulated"},
    "botocore": {"aws", "aws_credentials", "aws_emulated", "aws_signatures", "http"},
    "docker": {"engine"},
    "rich": {"render"},
    "pydantic": {"config"},
    "moto": {"embedded"},
    "werkzeug": {"embedded"},
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def top(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_from_its_own_floor_or_below(path: Path) -> None:
    """No arrow points upward, and every module has a floor."""
    mine = FLOOR[top(path)]
    for name in imports(path):
        if not name.startswith("mldeploy."):
            continue
        other = name.split(".")[1]
        if other in FLOOR:
            assert FLOOR[other] <= mine, f"{path.name} (floor {mine}) imports {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_outside_libraries_have_one_door(path: Path) -> None:
    """boto3, docker, rich and pydantic are imported in one place each."""
    for name in imports(path):
        library = name.partition(".")[0]
        if library in ONLY_IN:
            assert top(path) in ONLY_IN[library], f"{path} imports {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_renderers_print(path: Path) -> None:
    """Nothing but mldeploy/render and the help overview writes to the terminal."""
    if top(path) in {"render", "__main__"}:
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in {"print", "sys.stdout.write", "sys.stderr.write"}, (
                f"{path}:{node.lineno} prints"
            )


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "resources").glob("*.py")), ids=lambda path: path.stem
)
def test_kinds_never_import_one_another(path: Path) -> None:
    """A kind of resource knows the shared modules and no other kind."""
    kinds = {
        "log_group", "repository", "image", "role", "function", "version", "alias", "http_api",
        "provisioned", "schedule",
    }  # fmt: skip
    if path.stem not in kinds:
        return
    used = {name.split(".")[2] for name in imports(path) if name.startswith("mldeploy.resources.")}
    assert not (used & kinds) - {path.stem}


def test_the_image_knows_nothing_of_the_command_line_package() -> None:
    """What runs in Lambda imports nothing of mldeploy: the two share data only."""
    for path in sorted((ROOT / "image_template").rglob("*.py")):
        assert not any(name.split(".")[0] == "mldeploy" for name in imports(path)), path
