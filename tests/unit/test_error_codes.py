"""docs/errors.md, the code and its docstrings name the same errors."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.architecture import dotted, imports, modules

ROOT = Path(__file__).parents[2]


def test_every_code_is_on_the_page_and_in_the_code() -> None:
    """A code that is raised is explained, and one that is explained can be raised."""
    raised = {
        code
        for path in (ROOT / "mldeploy").rglob("*.py")
        for code in re.findall(r'"(MLD\d{3})"', path.read_text())
    }
    told = re.findall(r"^\| (MLD\d{3}) ", (ROOT / "docs" / "errors.md").read_text(), re.MULTILINE)
    assert sorted(raised) == sorted(told)


def promised(path: Path) -> Iterator[tuple[str, str]]:
    """Yield what a file's docstrings say that is raised: a function's name and a code."""
    text = path.read_text()
    if "Raises:" not in text or not re.search(r"MLD\d{3}", text):
        return  # most files; parsing them takes long
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            raises = (ast.get_docstring(node) or "").partition("Raises:")[2]
            yield from ((node.name, code) for code in re.findall(r"MLD\d{3}", raises))


def reachable(module: str, arrows: Mapping[str, set[str]]) -> set[str]:
    """Return the module and all that it imports, directly or not."""
    found, left = {module}, [module]
    while left:
        new = arrows[left.pop()] - found
        found |= new
        left += new
    return found


def test_a_docstring_names_codes_that_its_module_can_raise() -> None:
    """A code under "Raises" is raised there, or in something that the module imports."""
    files = {dotted(path): path for path in modules()}
    arrows = {name: files.keys() & set(imports(path)) for name, path in files.items()}
    raised = {
        name: set(re.findall(r'"(MLD\d{3})"', path.read_text())) for name, path in files.items()
    }
    wrong = [
        f"{name}.{function} never raises {code}"
        for name, path in files.items()
        if (found := list(promised(path)))
        for known in [set().union(*(raised[one] for one in reachable(name, arrows)))]
        for function, code in found
        if code not in known
    ]
    assert not wrong
