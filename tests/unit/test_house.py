"""The house's own rules: who may import whom, who may print, how long a file may be."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from mldeploy.resources.kinds import KINDS
from tools import architecture
from tools.architecture import PACKAGE, ROOT, dotted, floors, imports, modules, room_of, rooms

DOORS = {
    "boto3": ("aws",),
    "botocore": ("aws", "http"),
    "docker": ("images/docker", "files/ignoring.py"),
    "rich": ("render",),
    "pydantic": ("config",),
    "moto": ("embedded",),
    "werkzeug": ("embedded",),
}
"""Libraries, and where alone they are imported."""
Nodes = dict[Path, list[ast.AST]]
MOST_FLOORS, MOST_ROOMS, MOST_LINES, MOST_STATEMENTS = 10, 21, 300, 40


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_rooms_lie_on_floors_without_a_circle() -> None:
    """No arrow points upward: a circle has no floors. There are few of both."""
    found = floors(rooms())
    assert max(found.values()) < MOST_FLOORS
    assert len(found) <= MOST_ROOMS


def test_modules_import_one_another_in_no_circle() -> None:
    """Nor do the files inside a room."""
    names = {dotted(path) for path in modules()}
    arrows = {dotted(path): names & set(imports(path)) - {dotted(path)} for path in modules()}
    assert floors(arrows)  # or ValueError names the circle


def test_the_page_shows_the_floors_that_there_are() -> None:
    """`python -m tools.architecture` draws docs/architecture.md from the imports."""
    assert architecture.PAGE.read_text() == architecture.page()


def test_outside_libraries_have_one_door() -> None:
    """boto3, docker, rich and pydantic are imported in one place each."""
    wrong = [
        f"{named(path)} imports {name}"
        for path in modules()
        for name in imports(path)
        if (doors := DOORS.get(name.partition(".")[0])) and not named(path).startswith(doors)
    ]
    assert wrong == []


@pytest.fixture(scope="module")
def nodes() -> Nodes:
    """What is in each file of the package, the image and the scripts: parsed once for all rules."""
    places = [PACKAGE, ROOT / "image_template", ROOT / "tools", ROOT / "tests" / "cloud"]
    files = [path for place in places for path in sorted(place.rglob("*.py"))]
    return {path: [*ast.walk(ast.parse(path.read_text()))] for path in files}


def printing(path: Path, nodes: Nodes) -> Iterator[str]:
    for node in nodes[path]:
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in {"print", "sys.stdout.write", "sys.stderr.write"}:
                yield f"{named(path)}:{node.lineno} prints"


def test_only_the_renderers_print(nodes: Nodes) -> None:
    """Nothing but mldeploy/render and the help overview writes to the terminal."""
    others = [one for one in modules() if room_of(one) not in {"render", "__main__"}]
    assert [line for path in others for line in printing(path, nodes)] == []


def wording(path: Path, nodes: Nodes) -> Iterator[str]:
    for node in nodes[path]:
        match node:
            case ast.Call(func=ast.Name("Words")) if node.args or node.keywords:
                yield f"{named(path)}:{node.lineno} words a result"


def test_results_are_worded_by_render_alone(nodes: Nodes) -> None:
    """A command gives its result as a dataclass, and the words that render has for it."""
    others = [one for one in modules() if room_of(one) != "render"]
    assert [line for path in others for line in wording(path, nodes)] == []


def test_kinds_never_import_one_another() -> None:
    """A kind of resource knows the shared modules and no other kind."""
    kinds = {kind.__module__.split(".")[2] for kind in KINDS}
    wrong = []
    for path in sorted((PACKAGE / "resources").rglob("*.py")):
        me = path.relative_to(PACKAGE / "resources").with_suffix("").parts[0]
        names = [one for one in imports(path) if one.startswith("mldeploy.resources.")]
        used = {name.split(".")[2] for name in names}
        if me in kinds and (used & kinds) - {me}:
            wrong.append(f"{named(path)} imports {(used & kinds) - {me}}")
    assert wrong == []


def test_files_are_short() -> None:
    """A file that is read whole has at most 300 lines."""
    counts = ((named(one), len(one.read_text().splitlines())) for one in modules())
    assert [one for one in counts if one[1] > MOST_LINES] == []


def long_functions(path: Path, nodes: Nodes) -> Iterator[str]:
    for node in nodes[path]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[ast.get_docstring(node) is not None :]
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0  # type: ignore[operator]
            if lines > MOST_STATEMENTS:
                yield f"{path.relative_to(ROOT)}: {node.name} has {lines} lines"


def test_functions_are_short(nodes: Nodes) -> None:
    """A function has at most 40 lines below its docstring: package, image and scripts."""
    assert [line for path in nodes for line in long_functions(path, nodes)] == []


def test_the_image_knows_nothing_of_the_command_line_package() -> None:
    """What runs in Lambda imports nothing of mldeploy: the two share data only."""
    wrong = [
        f"{path} imports {name}"
        for path in sorted((ROOT / "image_template").rglob("*.py"))
        for name in imports(path)
        if name.split(".")[0] == "mldeploy"
    ]
    assert wrong == []
