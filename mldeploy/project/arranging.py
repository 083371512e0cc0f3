"""Turns a script that fits a model into a train module.

Imports, functions, classes and constants stay at the top, because a pickled pipeline may name them
and the image imports them from there. All other statements before the fit move into a function,
which runs only for a training.
"""

import ast
import textwrap
from collections.abc import Iterable, Iterator

from mldeploy.project.fits import Fit, defined

_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

_LONGEST_CALL = 50
OWN = frozenset({"data", "estimator", "cache", "_before_the_fit"})
"""Names that the train module defines itself."""


class NameTakenError(ValueError):
    """A script's functions use a name that the train module needs. `name`: which."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


_MODULE = '''\
"""The data and the estimator. Made of {source} by `mldeploy init --from`.

mldeploy calls data() and estimator(), and fits the estimator itself.
"""

{future}from functools import cache

from sklearn.base import clone
{top}

@cache
def _before_the_fit():
    """Run what {source} does before {call}{place}."""
{body}
    return {rows}, {estimator}


def data():
    """Return X and y."""
    return _before_the_fit()[0]


def estimator():
    """Return the estimator, unfitted."""
    return clone(_before_the_fit()[1])
'''


def train_module(text: str, tree: ast.Module, fit: Fit, source: str) -> str:
    """Return the text of a train module.

    Args:
        text: of the script.
        tree: of the text.
        fit: that the script makes; what comes after it is left out.
        source: the script's name.

    Raises:
        NameTakenError: the script uses a name that the module needs.
    """
    before = [one for one in tree.body[: fit.statement] if not _is_left_out(one)]
    at_top = _at_top(before)
    moved = [one for one in before if one not in at_top]
    shared = sorted(set(_used_inside(at_top)) & set(defined(moved)))
    if taken := OWN & {*shared, *defined(at_top)}:
        raise NameTakenError(min(taken))
    body = [f"global {', '.join(shared)}"] if shared else []
    body += [_indentable(text, one) for one in moved]
    return _MODULE.format(
        source=source,
        place="" if source.endswith(".ipynb") else f" in line {fit.line}",
        call=fit.call if len(fit.call) <= _LONGEST_CALL else "the fit",
        future="from __future__ import annotations\n\n" if _has_future(tree) else "",
        top="".join(_spaced(text, at_top)),
        body=textwrap.indent("\n".join(body or ["pass"]), "    "),
        rows=fit.rows,
        estimator=fit.estimator,
    )


def _at_top(statements: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements that stay at the top level, in their order.

    These are definitions, and what these need at once: decorators, defaults, bases, bodies of
    classes. A constant is one, too, unless other statements change its name later.
    """
    chosen = {id(one) for one in statements if isinstance(one, _DEFINITIONS) or _imports(one)}
    fixed = {name for one in statements if id(one) in chosen for name in defined([one])}
    once = [name for one in statements for name in defined([one])]
    for one in statements:
        if _is_constant(one) and all(once.count(name) == 1 for name in defined([one])):
            chosen.add(id(one))
    while True:
        top = [one for one in statements if id(one) in chosen]
        needed = {name for one in top for name in _used_at_once(one)} - fixed
        more = {id(one) for one in statements if needed & _changed(one)} - chosen
        if not more:
            return top
        chosen |= more


def _imports(statement: ast.stmt) -> bool:
    """Return whether this is `try: import …`, with whatever follows if that fails."""
    return isinstance(statement, ast.Try) and all(
        isinstance(one, ast.Import | ast.ImportFrom) for one in statement.body
    )


def _is_constant(statement: ast.stmt) -> bool:
    """Return whether this gives a name a literal; an item or a column is no name."""
    return (
        isinstance(statement, ast.Assign)
        and all(isinstance(one, ast.Name | ast.Tuple) for one in statement.targets)
        and _is_literal(statement.value)
    )


def _changed(statement: ast.stmt) -> set[str]:
    """Return the names that a statement defines, and those whose objects it may change.

    It may change what it assigns to an item or an attribute of, and whatever an expression whose
    value is dropped reads: `frame.drop(…, inplace=True)`, `clean(frame)`.
    """
    found = set(defined([statement]))
    if isinstance(statement, _DEFINITIONS):
        return found
    for node in ast.walk(statement):
        match node:
            case ast.Expr():
                found |= set(_read(ast.walk(node)))
            case (
                ast.Subscript(ctx=ast.Store() | ast.Del())
                | ast.Attribute(ctx=ast.Store() | ast.Del())
            ):
                found |= set(_read(ast.walk(node)))
            case ast.Name(id=name, ctx=ast.Del()):
                found.add(name)
    return found


def _is_literal(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return False
    return True


def _used_at_once(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement reads when it runs, without those in bodies of functions."""
    later = {
        id(node)
        for one in ast.walk(statement)
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        for part in one.body
        for node in ast.walk(part)
    }
    yield from _read(node for node in ast.walk(statement) if id(node) not in later)


def _used_inside(statements: Iterable[ast.stmt]) -> Iterator[str]:
    for one in statements:
        yield from _read(ast.walk(one))


def _read(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id


def _has_future(tree: ast.Module) -> bool:
    return any(_is_future(one) for one in tree.body)


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _is_left_out(statement: ast.stmt) -> bool:
    """Return whether a statement only shows something, as the last lines of a notebook's cells."""
    match statement:
        case ast.Expr(value=ast.Constant() | ast.Name() | ast.Attribute() | ast.Subscript()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="display" | "print"))):
            return True
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(attr="head" | "tail" | "describe" | "info" | "show"))
        ):
            return True
        case _:
            return _is_future(statement)


def _spaced(text: str, statements: list[ast.stmt]) -> Iterator[str]:
    """Yield statements with the usual number of empty lines between them."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    imports = (ast.Import, ast.ImportFrom)
    last: ast.stmt | None = None
    for one in statements:
        if isinstance(one, functions) or isinstance(last, functions):
            yield "\n\n"
        elif isinstance(one, imports) != (last is None or isinstance(last, imports)):
            yield "\n"
        yield f"{_segment(text, one)}\n"
        last = one


def _segment(text: str, statement: ast.stmt) -> str:
    """Return a statement's lines with its decorators, and the comments right above it."""
    lines = text.splitlines()
    end = lines[(statement.end_lineno or 1) - 1].encode()[statement.end_col_offset :].decode()
    if statement.col_offset or end.lstrip().startswith(";"):
        return ast.unparse(statement)
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(one.lineno for one in decorators)]) - 1
    while first and lines[first - 1].startswith("#"):
        first -= 1
    return "\n".join(lines[first : statement.end_lineno])


def _indentable(text: str, statement: ast.stmt) -> str:
    """Return a statement that can be indented: texts of several lines would change."""
    several = any(
        isinstance(node, ast.Constant | ast.JoinedStr)
        and (node.end_lineno or node.lineno) > node.lineno
        for node in ast.walk(statement)
    )
    return ast.unparse(statement) if several else _segment(text, statement)
