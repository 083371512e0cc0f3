"""One line of the matrix, in two processes that are forks of one that imported the libraries.

The first trains as `mldeploy train` does and asks the fitted estimator itself; the second has
only the bundle: it loads the handler, and asks it.
"""

import contextlib
import json
import os
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.models import bodies, judging, truth
from tests.models.line import Line

ROOT = Path(__file__).parents[2]
ROUTES = ("POST /predict", "POST /v2/models/m/infer")
_ROWS, _ALONE = 24, 4
_MODEL = "model.joblib"


def make_bundle_of(line: Line, folder: Path) -> None:
    """Train a project with the program's own code; leave a bundle in `folder/model`.

    The one place that knows how the program is called.

    Raises:
        MldeployError: where it refuses.
    """
    if line.full:
        _train_in_full(line, folder)
        return
    from mldeploy.model.proof import truth as proof
    from mldeploy.model.record import write_facts
    from mldeploy.model.training import TrainingRequest, train_here
    from tests.support.models import USUAL

    proof._SECONDS_ALONE = 0.0  # the rows that the matrix asks alone are its own
    target = folder / "model"
    target.mkdir()
    request = TrainingRequest(
        root=str(folder / "project"),
        train=str(folder / "project/train.py"),
        target=str(target),
        fitted=str(folder / "fitted"),
        hooks=line.hooks,
        settings={"compile": USUAL.compile},
    )
    facts = train_here(request, lambda _event: None)
    golden = facts.pop("truth")
    (folder / "golden.json").write_text(json.dumps(golden), encoding="utf-8")
    write_facts(target, facts)


def _train_in_full(line: Line, folder: Path) -> None:
    """Run all of `mldeploy train`, without a package index."""
    import shutil
    from dataclasses import replace

    from mldeploy.model.train import train
    from tests.support.models import project

    config = project(folder / "project", line.files["train.py"])
    bundle = train(replace(config, hooks=line.hooks), lambda _event: None)
    shutil.copytree(bundle.path, folder / "model")


def write_project(line: Line, folder: Path) -> None:
    """Write the files of the project; without a train.py one that looks the line up."""
    project = folder / "project"
    project.mkdir(parents=True)
    looked_up = (
        "from tests.models.matrix import LINES\n"
        "from tests.models.selftest_lines import SELF_TEST\n"
        f"line = (LINES | SELF_TEST)[{line.name!r}]\n"
        "data = line.data\n"
        "def estimator():\n    return line.make()\n"
    )
    for name, text in {"train.py": looked_up, **line.files}.items():
        (project / name).write_text(text, encoding="utf-8")


def train_and_ask(line: Line, folder: Path) -> dict[str, Any]:
    """Return the requests with what the estimator says of their rows, or the refusal.

    It is the work of the first process.
    """
    from mldeploy.errors import MldeployError

    write_project(line, folder)
    os.chdir(folder / "project")
    with _remembered() as dumped:
        try:
            make_bundle_of(line, folder)
        except MldeployError as error:
            said = f"{error.message} | {error.hint or ''}"
            return {"refused": {"code": error.code, "message": said}}
    if line.full:
        return {"requests": []}  # its clean process has asked
    module = sys.modules["train"]
    estimator = dumped[-1]
    given = module.data()
    x, y = given if isinstance(given, tuple) else (given["data"], given["target"])
    names = None if isinstance(given, tuple) else list(map(str, given["target_names"]))
    asked = _Asked(line, estimator, _tabular(x), y, names)
    return {"requests": requests_of(asked, folder), "golden": _golden_problems(asked, folder)}


@dataclass(frozen=True)
class _Asked:
    """A fitted estimator with the data of its line, to be asked in plain Python."""

    line: Line
    estimator: Any
    x: Any
    y: Any
    names: list[str] | None

    def __call__(self, rows: list[int]) -> list[dict[str, Any]]:
        """Return its answers to these rows of X."""
        module = sys.modules.get((self.line.hooks or "").removesuffix(".py"))
        preprocess = getattr(module, "preprocess", None) or (lambda x: x)
        kind = self.line.kind or truth.kind_of(self.estimator)
        asked = preprocess(truth.picked(self.x, rows))
        return truth.answers(self.estimator, asked, kind, self.y, self.names)


def _golden_problems(asked: _Asked, folder: Path) -> list[str]:
    """Return where the golden answers of the program aren't the estimator's own."""
    golden = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
    inputs, answers = golden["inputs"][:_ROWS], golden["together"][:_ROWS]
    known = {json.dumps(row): n for n, row in enumerate(bodies.cells(asked.x, range(len(asked.x))))}
    rows = [known.get(json.dumps(row), -1) for row in inputs]
    if -1 in rows:
        return [f"a golden row is none of data()'s: {inputs[rows.index(-1)]}"]
    request = {"form": "many", "expected": asked(rows)}
    # It was asked with more rows, of which BLAS makes other last digits.
    response = {"status": 200, "body": {"predictions": answers}}
    return judging.problems(request, response, max(asked.line.noise, 1e-6))


@contextlib.contextmanager
def _remembered() -> Iterator[list[Any]]:
    """Fill a list with the estimators that are saved: the objects themselves, never loaded ones."""
    from joblib.numpy_pickle import NumpyPickler  # it writes the file, whoever calls it

    dump, found = NumpyPickler.dump, []

    def remembering(pickler: Any, value: Any) -> None:
        if str(getattr(pickler.file_handle, "name", "")).endswith(_MODEL):
            found.append(value)
        dump(pickler, value)

    NumpyPickler.dump = remembering
    try:
        yield found
    finally:
        NumpyPickler.dump = dump


def _tabular(x: Any) -> Any:
    import numpy as np

    texts = isinstance(x, list) and x and isinstance(x[0], str)
    return np.asarray(x) if isinstance(x, list) and not texts else x


def requests_of(asked: _Asked, folder: Path) -> list[dict[str, Any]]:
    """Return all requests of a line: a batch in each format, and single rows."""
    formats, rows = asked.line.formats, rows_to_ask(asked.x)
    facts = json.loads((folder / "model/model.json").read_text(encoding="utf-8"))
    columns = [one["name"] for one in facts["signature"]["features"]]
    written = _Writer(asked.x, columns)
    found = [written.many(form, rows, asked(rows)) for form in formats]
    for row in rows[:_ALONE]:
        answer = asked([row])
        found += [written.one([row], answer)] if "json" in formats else []
        found += [written.many(form, [row], answer) for form in formats if form != "json"]
    return found


def rows_to_ask(x: Any) -> list[int]:
    """Return rows over all of X, those with gaps first."""
    count = len(x)
    spread = [number * count // _ROWS for number in range(min(_ROWS, count))]
    gaps = []
    if hasattr(x, "isna"):
        missing = x.isna().to_numpy().reshape(count, -1)
        gaps = [int(column.argmax()) for column in missing.T if column.any()][:8]
    return list(dict.fromkeys([0, *gaps, count - 1, *spread]))


class _Writer:
    """Writes rows of X as requests."""

    def __init__(self, x: Any, columns: list[str]) -> None:
        self._x = x
        self._names = bodies.names_of(x)
        self._columns = self._names or columns
        self._text = getattr(x, "ndim", 1) == 1
        self._storage = "text" if self._text else str(getattr(x, "dtype", ""))

    def one(self, rows: list[int], expected: list[Any]) -> dict[str, Any]:
        """Return `features` of one row."""
        row = bodies.cells(self._x, rows)[0]
        body = bodies.json_one(row, self._names, text=self._text)
        return self._request("one", ROUTES[0], "application/json", body, expected)

    def many(self, form: str, rows: list[int], expected: list[Any]) -> dict[str, Any]:
        """Return rows in a format, also if it is only one."""
        table = bodies.cells(self._x, rows)
        if form == "csv":
            body = bodies.csv_many(table, self._columns)
            return self._request("many", ROUTES[0], "text/csv", body, expected)
        if form == "json":
            body = bodies.json_many(table, text=self._text)
            return self._request("many", ROUTES[0], "application/json", body, expected)
        body = bodies.v2_many(table, self._names, self._storage)
        return self._request("v2", ROUTES[1], "application/json", body, expected)

    @staticmethod
    def _request(
        form: str, route: str, content_type: str, body: str, expected: list[Any]
    ) -> dict[str, Any]:
        what = f"{content_type.partition('/')[2] if form != 'v2' else 'v2'}, {len(expected)} rows"
        return {
            "what": what,
            "form": form,
            "event": bodies.event(route, content_type, body),
            "expected": expected,
        }


def load_and_answer(folder: Path, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the handler's responses. It is the work of the second process."""
    import shutil
    from types import SimpleNamespace

    shutil.copytree(ROOT / "image_template/endpoint", folder / "task/endpoint")
    shutil.copytree(folder / "model", folder / "task/model")
    for path in (folder / "project").glob("*.py"):
        if path.name != "train.py" or "def data" in path.read_text(encoding="utf-8"):
            shutil.copy(path, folder / "task")
    os.environ |= {"LAMBDA_TASK_ROOT": str(folder / "task"), "MLDEPLOY_ROUTES": "|".join(ROUTES)}
    os.chdir(folder / "task")
    _forget()
    sys.path[:0] = [str(folder / "task")]
    from endpoint.handler import handle  # type: ignore[import-not-found,unused-ignore]

    context = SimpleNamespace(aws_request_id="1")
    responses = []
    for request in requests:
        answer = handle(json.loads(json.dumps(request["event"])), context)
        responses.append({"status": answer["statusCode"], "body": json.loads(answer["body"])})
    return responses


def _forget() -> None:
    """Take the program and this repository out of what can be imported."""
    sys.path[:] = [one for one in sys.path if "site-packages" in one or "/lib/python" in one]
    sys.meta_path[:] = [one for one in sys.meta_path if "editable" not in repr(one).lower()]
    for name in list(sys.modules):
        if name.partition(".")[0] in {"mldeploy", "tests", "endpoint"}:
            del sys.modules[name]


def told(error: BaseException) -> str:
    """Return what an unforeseen failure says, with where it was."""
    lines = traceback.format_exception(error)
    return "".join(lines)[-1500:]
