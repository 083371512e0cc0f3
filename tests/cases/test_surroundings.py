"""Projects whose surroundings matter: variables, packages, bodies, and a handler of one's own."""

import gzip
import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import urllib3

from tests.cases.case import Case
from tests.cases.running import mldeploy, settings, write
from tests.support.models import IRIS, bundle_of
from tests.support.served import serving

CUT = Case(
    "variables",
    """\
import os

os.environ.setdefault("CUT", "0.5")
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from cutting import cut


def data():
    return A, (A[:, 0] > 0.5).astype(int)


def estimator():
    return make_pipeline(FunctionTransformer(cut), LogisticRegression())
""",
    {
        "cutting.py": """\
import os

CUT = float(os.environ["CUT"])


def cut(X):
    return (X > CUT).astype(float)
"""
    },
    '[functions.predict.environment]\nCUT = "0.5"\n',
)
FORK = Case(
    "a fork",
    """\
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from humanize import doubled


def data():
    return A, POSITIVE


def estimator():
    return make_pipeline(FunctionTransformer(doubled), LogisticRegression())
""",
)
FORKED = {
    "pyproject.toml": """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "humanize"
version = "4.9.0"
""",
    "src/humanize/__init__.py": "def doubled(X):\n    return X * 2 + 1\n",
}


def test_variables_of_the_function_are_set_where_the_model_is_proven(tmp_path: Path) -> None:
    """A module that reads [functions.predict.environment] is imported as in Lambda."""
    ran = mldeploy(write(CUT, tmp_path), "train")
    assert ran.exit_code == 0, ran.said + str(ran.result)


def test_a_variable_that_only_training_sets_is_named(tmp_path: Path) -> None:
    """Without the table, the refusal names the variable."""
    (folder := tmp_path / "project").mkdir()
    ran = mldeploy(write(Case(CUT.name, CUT.train, CUT.files), folder), "train")
    said = f"{ran.result['message']}\n{ran.result['hint']}"
    assert ran.result["code"] in {"MLD220", "MLD221"}
    assert "KeyError: 'CUT'" in said


def test_a_fork_is_never_replaced_by_its_namesake(tmp_path: Path) -> None:
    """A package that was installed from a folder has another's name and version: MLD232."""
    for name, text in FORKED.items():
        path = tmp_path / "fork" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    venv, folder = tmp_path / "venv", tmp_path / "project"
    folder.mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    site = next(venv.glob("lib/python*/site-packages"))
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if path.name != "__pycache__":
            (site / path.name).symlink_to(path)
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--target", str(site)]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", *options, str(tmp_path / "fork")],
        check=True,
    )
    done = subprocess.run(
        [str(venv / "bin/python"), "-m", "mldeploy", "train", "-o", "json"],
        cwd=write(FORK, folder),
        capture_output=True,
        text=True,
        check=False,
    )
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "MLD232", done.stdout
    assert "humanize was installed from a folder" in error["message"]
    assert "the package with the same name" in error["message"]


SERVED = """\
[functions.predict]
[functions.upload]
route = "POST /upload"
handler = "upload:handle"
"""
UPLOAD = """\
def handle(event, context):
    kind = event["headers"]["content-type"].partition(";")[0]
    return {"statusCode": 200, "body": f"{event['isBase64Encoded']} {event['body']} {kind}"}
"""


def test_bodies_reach_functions_as_through_api_gateway(tmp_path: Path) -> None:
    """A form with a file comes in base64, gzip is decoded, a BOM is passed over."""
    (tmp_path / "mldeploy.toml").write_text(
        settings().replace("[api]", 'include = ["upload.py"]\n[api]') + SERVED
    )
    (tmp_path / "train.py").write_text(IRIS)
    (tmp_path / "upload.py").write_text(UPLOAD)
    (tmp_path / "model").mkdir()
    for file in bundle_of(IRIS).path.iterdir():
        (tmp_path / "model" / file.name).write_bytes(file.read_bytes())
    body = json.dumps(bundle_of(IRIS).example).encode()
    with serving(tmp_path, "--port", "0") as served:
        form = urllib3.request(
            "POST",
            f"http://127.0.0.1:{served.port}/upload",
            fields={"file": ("a.png", b"\x89PNG\xff")},
        )
        encoded, text, kind = form.data.decode().split()
        assert (form.status, encoded, kind) == (200, "True", "multipart/form-data")
        assert text.isascii()
        packed = urllib3.request(
            "POST",
            f"http://127.0.0.1:{served.port}/predict",
            body=gzip.compress(body),
            headers={"content-type": "application/json", "content-encoding": "gzip"},
        )
        assert packed.status == 200, packed.data
        assert packed.json()["prediction"]["class_name"] == "versicolor"
        form = served.send("/predict", form.data, "multipart/form-data; boundary=x")
        assert (form.status, form.headers["content-type"]) == (415, "application/problem+json")
        marked = served.send("/predict", b"\xef\xbb\xbf" + body)
        assert marked.status == 200, marked.data
        assert marked.json()["prediction"]["class_name"] == "versicolor"
