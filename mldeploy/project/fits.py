"""Finds what a script fits, without running it: the estimator, and its rows."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CONTRACT = frozenset({"data", "estimator"})
"""What a train module defines."""
_ROWS, _TARGET, _WEIGHTS = "X", "y", "sample_weight"


@dataclass(frozen=True)
class Fit:
    """A call of `fit` at the top level of a script.

    Attributes:
        statement: the index of its statement.
        line: its line.
        call: its text.
        estimator: an expression for the estimator.
        rows: an expression for the tuple that `data()` returns.
        left_out: further arguments of the call, which mldeploy doesn't pass.
        supervised: whether it has a y.
    """

    statement: int
    line: int
    call: str
    estimator: str
    rows: str
    left_out: tuple[str, ...]
    supervised: bool


def has_contract(tree: ast.Module) -> bool:
    """Return whether a script defines or imports `data` and `estimator` at its top level."""
    callable_ = [one for one in tree.body if isinstance(one, ast.FunctionDef | ast.ImportFrom)]
    return "data" in defined(callable_) and set(defined(tree.body)) >= CONTRACT


def defined(statements: Sequence[ast.stmt]) -> Iterator[str]:
    """Yield the names that statements assign, import or define in their own scope."""
    for one in statements:
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield one.name
            continue
        for node in ast.walk(one):
            match node:
                case ast.Name(id=name, ctx=ast.Store()):
                    yield name
                case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                    yield from ((alias.asname or alias.name).partition(".")[0] for alias in aliases)


def last_fit(tree: ast.Module) -> Fit | None:
    """Return the last call of `fit` with X and y, else the last with X alone, else None.

    Only calls at the top level count: one in a function or a loop may run any number of times.
    """
    found = [
        fit
        for number, statement in enumerate(tree.body)
        if isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign)
        for fit in _fits(number, statement)
    ]
    return next((one for one in reversed(found) if one.supervised), found[-1] if found else None)


def _fits(number: int, statement: ast.stmt) -> Iterator[Fit]:
    inner = {
        id(node)
        for one in ast.walk(statement)
        if isinstance(one, ast.Lambda | ast.comprehension | ast.ListComp | ast.GeneratorExp)
        for node in ast.walk(one)
    }
    for node in ast.walk(statement):
        match node:
            case ast.Call(func=ast.Attribute(attr="fit", value=estimator)) if id(node) not in inner:
                found = _fit(number, node, estimator)
                if found:
                    yield found


def _fit(number: int, call: ast.Call, estimator: ast.expr) -> Fit | None:
    named = {one.arg: one.value for one in call.keywords if one.arg}
    if any(isinstance(one, ast.Starred) for one in call.args) or len(named) < len(call.keywords):
        return None  # *arguments: which is X isn't written there
    given = dict(zip((_ROWS, _TARGET), call.args, strict=False)) | named
    x, y, weights = (given.get(name) for name in (_ROWS, _TARGET, _WEIGHTS))
    if x is None:
        return None
    parts = [ast.unparse(x), ast.unparse(y) if y else "None"]
    parts += [ast.unparse(weights)] if weights else []
    more = tuple(sorted(given.keys() - {_ROWS, _TARGET, _WEIGHTS}))
    return Fit(
        number,
        call.lineno,
        ast.unparse(call),
        ast.unparse(estimator),
        f"({', '.join(parts)})",
        more,
        y is not None,
    )
