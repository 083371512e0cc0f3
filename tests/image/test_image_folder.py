"""The handler as the image holds it: its folder, the requirements, and no mldeploy."""

import ast
import graphlib
import hashlib
import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from mldeploy.model.bundle import Bundle
from tests.support.models import ROOT, task_of

ROWS = [[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]]
ALONE = """
import sys
sys.path += [sys.argv[1], sys.argv[2]]
try:
    # An editable installation leaves a folder of shipped data, without the package's code.
    import mldeploy.errors
except ImportError:
    pass
else:
    sys.exit("mldeploy can be imported here, so this proves nothing")
sys.modules.pop("mldeploy", None)
from endpoint.handler import handle
print(handle({"features": [5.1, 3.5, 1.4, 0.2]}, None)["prediction"]["class_name"])
print(*sorted(name for name in sys.modules if "." not in name))
"""


@pytest.fixture
def task(iris: Bundle, tmp_path: Path) -> Path:
    """A folder laid out as /var/task."""
    return task_of(iris, tmp_path / "task")


def alone(program: list[str], task: Path) -> subprocess.CompletedProcess[str]:
    """Run Python where only the standard library is on the path."""
    return subprocess.run(
        [sys.executable, "-I", "-S", *program],
        cwd=task,
        capture_output=True,
        text=True,
        check=False,
    )


def check(task: Path, rows: list[Any] = ROWS) -> tuple[int, dict[str, Any]]:
    """Run `endpoint.check` as the engine does, and return exit code and the only answer."""
    packages = sysconfig.get_path("purelib")
    events = task.parent / "events.json"
    events.write_text(json.dumps([{"mldeploy": "verify", "inputs": rows}]))
    code = f"import sys, runpy; sys.path += [{str(task)!r}, {packages!r}]\n"
    code += f"sys.argv = ['check', {str(events)!r}]\n"
    code += "runpy.run_module('endpoint.check', run_name='__main__')"
    done = alone(["-c", code], task)
    (answer,) = json.loads(done.stdout.splitlines()[-1])
    return done.returncode, answer


def test_the_handler_needs_nothing_of_mldeploy(task: Path) -> None:
    """It answers where `import mldeploy` fails."""
    done = alone(["-c", ALONE, str(task), sysconfig.get_path("purelib")], task)
    assert done.returncode == 0, done.stderr
    name, modules = done.stdout.splitlines()[-2:]
    assert name == "setosa"
    assert "endpoint" in modules.split()
    assert "mldeploy" not in modules.split()


def imports_of(path: Path, modules: set[str]) -> set[str]:
    """Return the modules that a file imports, inside its functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            full = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (full & modules) or {node.module}
    return found & modules


def test_no_modules_import_one_another() -> None:
    """The endpoint's modules have an order in which each imports only earlier ones."""
    root = ROOT / "image_template"
    files = {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (root / "endpoint").rglob("*.py")
    }
    graph = {name: imports_of(path, set(files)) - {name} for name, path in files.items()}
    assert graph["endpoint.handler"] >= {"endpoint.model", "endpoint.routes"}
    assert len(list(graphlib.TopologicalSorter(graph).static_order())) == len(files)


def test_check_finds_a_sound_image_sound(task: Path) -> None:
    """Without problems it exits with 0, and its last line is the answer."""
    code, answer = check(task)
    assert (code, answer["problems"]) == (0, [])
    assert answer["versions"]["scikit-learn"]


def test_check_answers_the_callers_rows(task: Path) -> None:
    """One answer for each, and none of the rows: who asks has them, and judges."""
    code, answer = check(task)
    assert code == 0
    assert [one["class_name"] for one in answer["predictions"]] == ["setosa", "virginica"]
    assert not {"inputs", "expected"} & answer.keys()


def test_check_refuses_rows_that_do_not_fit(task: Path) -> None:
    """As the endpoint would."""
    code, answer = check(task, [["a word"]])
    assert code == 1
    assert "would be refused" in answer["problems"][0]


def test_check_names_a_version_that_differs(task: Path) -> None:
    """A library of another version than in training is a problem, before it answers wrongly."""
    path = task / "model/model.json"
    facts = json.loads(path.read_text())
    facts["versions"] |= {"scikit-learn": "1.0", "python": "3.1.4", "absent-thing": "1.0"}
    path.write_text(json.dumps(facts))
    _, answer = check(task)
    assert len([one for one in answer["problems"] if one.startswith("trained with")]) == 3


@pytest.mark.parametrize("name", ["python", "scikit-learn", "numpy", "scipy", "joblib"])
def test_one_differing_version_is_named_with_both(task: Path, name: str) -> None:
    """Whichever it is, it alone fails the check: what trained, and what runs here."""
    path = task / "model/model.json"
    facts = json.loads(path.read_text())
    installed = facts["versions"][name]
    facts["versions"][name] = "0.0.1"
    path.write_text(json.dumps(facts))
    code, answer = check(task)
    assert code == 1
    assert answer["problems"] == [f"trained with {name} 0.0.1, installed here: {installed}"]


def test_scikit_learn_s_warning_of_another_version_is_an_error(task: Path) -> None:
    """A model file that another version pickled fails, though versions and answers agree."""
    model, path = task / "model/model.joblib", task / "model/model.json"
    facts = json.loads(path.read_text())
    mine = facts["versions"]["scikit-learn"].encode()
    other = mine[:-1] + (b"9" if mine[-1:] != b"9" else b"8")
    content = model.read_bytes()
    assert content.count(mine) == 1
    model.write_bytes(content.replace(mine, other))
    facts["model"]["forms"][0]["sha256"] = hashlib.sha256(model.read_bytes()).hexdigest()
    path.write_text(json.dumps(facts))
    code, answer = check(task)
    assert code == 1
    says = f"from version {other.decode()} when using version {mine.decode()}"
    assert answer["problems"]
    assert all(says in one for one in answer["problems"])


@pytest.mark.parametrize("old", [True, False])
def test_the_form_that_is_named_is_served(task: Path, *, old: bool) -> None:
    """Of several in model.json; before format 4 there was one, its facts among the model's."""
    path = task / "model/model.json"
    facts = json.loads(path.read_text())
    (form,) = facts["model"].pop("forms")
    if old:
        facts |= {"format": 3, "model": {"estimator": facts["model"]["estimator"], **form}}
    else:
        (task / "model/renamed.joblib").write_bytes((task / "model/model.joblib").read_bytes())
        (task / "model/model.joblib").write_bytes(b"cbuiltins\nprint\n(S'unpickled'\ntR.")
        forms = [form, {**form, "file": "renamed.joblib"}]
        facts["model"] |= {"forms": forms, "served": "renamed.joblib"}
    path.write_text(json.dumps(facts))
    code, answer = check(task)
    assert (code, len(answer["predictions"])) == (0, 2)
    assert answer["problems"] == []


def test_a_cold_start_refuses_another_model_file(task: Path) -> None:
    """Importing the handler, as Lambda does, fails before the file is unpickled."""
    (task / "model/model.joblib").write_bytes(b"cbuiltins\nprint\n(S'unpickled'\ntR.")
    packages = sysconfig.get_path("purelib")
    code = f"import sys; sys.path += [{str(task)!r}, {packages!r}]\nimport endpoint.handler"
    done = alone(["-c", code], task)
    assert done.returncode != 0
    assert "is not the model that was trained: SHA-256" in done.stderr
    assert "unpickled" not in done.stdout


def test_check_refuses_another_model_file(task: Path) -> None:
    """A model whose SHA-256 isn't the recorded one is never unpickled."""
    (task / "model/model.joblib").write_bytes(b"cbuiltins\nprint\n(S'unpickled'\ntR.")
    code, answer = check(task)
    assert code == 1
    assert "is not the model that was trained" in answer["problems"][0]


def test_check_reports_a_handler_that_cant_start(task: Path) -> None:
    """A missing file is an answer too, not only a traceback."""
    shutil.rmtree(task / "model")
    code, answer = check(task)
    assert code == 1
    assert "FileNotFoundError" in answer["problems"][0]
