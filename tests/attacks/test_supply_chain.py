"""What others put into the image: packages that were replaced on the way, and locks that say less.

Each attack is refused by pip itself, run as the image's Dockerfile runs it, or before pip is asked.
"""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import distributions
from pathlib import Path

import pytest

from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError
from mldeploy.images.making import with_docker
from mldeploy.images.sbom import sbom
from mldeploy.images.spec import image_spec
from mldeploy.model.bundle import load_bundle
from mldeploy.model.needs.installable import Index, Installable, Target, check_installable
from mldeploy.model.record import write_lock
from tests.support.engine_api import FakeApi, build_fails
from tests.support.projects import write_bundle
from tests.support.wheel_index import serving, write_wheel

DOCKERFILE = Path(__file__).parents[2] / "image_template/Dockerfile"
TOML = '[project]\nname = "iris"\n[api]\nauth = "none"\n[image]\n'
HERE = Target(f"{sys.version_info.major}.{sys.version_info.minor}", "x86_64")
OTHER = "0" * 64


@pytest.fixture(autouse=True)
def _only_this_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_TRUSTED_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """The folder of an index with two wheels."""
    root = tmp_path / "index"
    root.mkdir()
    write_wheel(root, "joblib", "1.6.0", text="GOOD = True")
    write_wheel(root, "other", "1.0")
    return root


@pytest.fixture
def served(index: Path) -> Iterator[Index]:
    """The index, on loopback."""
    with serving(index) as port:
        yield Index(f"http://127.0.0.1:{port}")


def bundle(root: Path, lines: list[str], found: Installable) -> Path:
    """Write a bundle as training writes it, with these requirements."""
    write_bundle(root / "model")
    facts = json.loads((root / "model/model.json").read_text())
    del facts["wheels"]
    write_lock(root / "model", facts, lines, {"x86_64": found.hashes} if found.hashes else {})
    (root / "model/model.json").write_text(json.dumps(facts))
    (root / "mldeploy.toml").write_text(TOML)
    return root


def install(root: Path, index: Index) -> str:
    """Do what the image's Dockerfile does with the requirements; return what pip complains of."""
    spec = image_spec(load_config(root, environ={}), load_bundle(root / "model"))
    lock, target = root / "requirements.txt", root / "installed"
    content = dict(spec.files)["requirements.txt"]
    assert isinstance(content, bytes)
    lock.write_bytes(content)
    text = DOCKERFILE.read_text().replace("\\\n", " ")
    found = re.search(r"python (-m pip install [^&]*)", text)
    assert found
    words = shlex.split(found[1])
    words[words.index("-r") + 1] = str(lock)
    words[words.index("--target") + 1] = str(target)
    done = subprocess.run(
        [sys.executable, *words], env=index.environ(), capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) == target.joinpath("joblib.py").exists()
    return done.stderr if done.returncode else ""


def test_what_training_found_is_installed(tmp_path: Path, index: Path, served: Index) -> None:
    """Without an attack: or a refusal would say nothing."""
    lines = ["joblib==1.6.0", "other==1.0"]
    bundle(tmp_path, lines, check_installable(lines, HERE, served))
    assert install(tmp_path, served) == ""
    assert "GOOD" in (tmp_path / "installed/joblib.py").read_text()
    spec = image_spec(load_config(tmp_path, environ={}), load_bundle(tmp_path / "model"))
    bill = json.loads(sbom(spec, f"sha256:{OTHER}"))
    listed = {one["name"]: one["version"] for one in bill["components"] if "purl" in one}
    there = distributions(path=[str(tmp_path / "installed")])
    assert listed == {one.name: one.version for one in there}


def test_a_wheel_that_was_replaced_on_the_index_is_refused(
    tmp_path: Path, index: Path, served: Index
) -> None:
    """The same name and version with another content, and no word of it in the image."""
    lines = ["joblib==1.6.0"]
    bundle(tmp_path, lines, check_installable(lines, HERE, served))
    write_wheel(index, "joblib", "1.6.0", text="EVIL = True")
    said = install(tmp_path, served)
    api = FakeApi()
    api.building = [
        *({"stream": line} for line in said.splitlines(keepends=True)),
        {"error": "code 1"},
    ]
    error = build_fails(api)
    assert error.code == "MLD328"
    assert "joblib==1.6.0" in error.message


def test_a_better_wheel_of_another_content_is_left_alone(
    tmp_path: Path, index: Path, served: Index
) -> None:
    """An attacker adds a wheel that pip would prefer: the one with the hash is installed."""
    lines = ["joblib==1.6.0"]
    bundle(tmp_path, lines, check_installable(lines, HERE, served))
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    write_wheel(index, "joblib", "1.6.0", f"{python}-none-any", text="EVIL = True")
    assert install(tmp_path, served) == ""
    assert "GOOD" in (tmp_path / "installed/joblib.py").read_text()


@pytest.mark.parametrize("hashed", [["other==1.0"], []])
def test_a_requirement_without_a_hash_is_refused(
    tmp_path: Path, index: Path, served: Index, hashed: list[str]
) -> None:
    """By pip, also where no line has one, and before an engine is asked to build anything."""
    known = check_installable(hashed, HERE, served) if hashed else Installable()
    bundle(tmp_path, ["joblib==1.6.0", "other==1.0"], known)
    assert "joblib==1.6.0" in install(tmp_path, served)
    api = FakeApi()
    spec = image_spec(load_config(tmp_path, environ={}), load_bundle(tmp_path / "model"))
    with pytest.raises(MldeployError, match=r"joblib==1\.6\.0") as raised:
        with_docker(api).builder.build(spec, lambda _event: None)
    assert raised.value.code == "MLD327"
    assert not api.named("build")


def test_hashes_of_another_architecture_don_t_count(
    tmp_path: Path, index: Path, served: Index
) -> None:
    """A bundle that was locked for x86_64 isn't built for arm64."""
    bundle(tmp_path, ["joblib==1.6.0"], check_installable(["joblib==1.6.0"], HERE, served))
    config = replace(load_config(tmp_path, environ={}), architecture="arm64")
    with pytest.raises(MldeployError, match="arm64") as raised:
        with_docker(FakeApi()).builder.build(
            image_spec(config, load_bundle(tmp_path / "model")), lambda _event: None
        )
    assert raised.value.code == "MLD327"


LOCKS = {
    "another hash": (f"joblib==1.6.0 --hash=sha256:{OTHER}", None),
    "a further hash": (f"joblib==1.6.0 --hash=sha256:{{hash}} --hash=sha256:{OTHER}", None),
    "no hash": ("joblib==1.6.0", None),
    "a hash of a weak kind": ("joblib==1.6.0 --hash=md5:d41d8cd98f00b204e9800998ecf8427e", None),
    "a range": ("joblib>=1.6 --hash=sha256:{hash}", None),
    "no version": ("joblib --hash=sha256:{hash}", None),
    "an option of pip": ("joblib==1.6.0 --index-url=http://evil --hash=sha256:{hash}", None),
    "a wheel over http": ("joblib @ http://evil/joblib-1.6.0-py3-none-any.whl", None),
    "hashes that are none": ("joblib==1.6.0", {"x86_64": {"joblib": "--index-url=http://evil"}}),
    "hashes of no form": ("joblib==1.6.0", ["joblib"]),
}


@pytest.mark.parametrize("attack", LOCKS)
def test_a_lock_that_was_changed_is_refused(tmp_path: Path, attack: str) -> None:
    """The bundle is damaged: its requirements and model.json name the same wheels."""
    line, wheels = LOCKS[attack]
    good = "1" * 64
    bundle(tmp_path, ["joblib==1.6.0"], Installable({"joblib": good}))
    load_bundle(tmp_path / "model")
    (tmp_path / "model/requirements.txt").write_text(line.format(hash=good) + "\n")
    if wheels is not None:
        facts = json.loads((tmp_path / "model/model.json").read_text())
        (tmp_path / "model/model.json").write_text(json.dumps({**facts, "wheels": wheels}))
    with pytest.raises(MldeployError) as raised:
        load_bundle(tmp_path / "model")
    assert raised.value.code == "MLD202"


@pytest.mark.parametrize(
    "digest", ["", "latest", "sha256:1", f"sha256:{OTHER}\nRUN evil", f"md5:{OTHER}", ["x"], None]
)
def test_a_base_that_is_no_digest_is_refused(tmp_path: Path, digest: object) -> None:
    """It becomes a part of a line of the Dockerfile."""
    base = {"image": "public.ecr.aws/lambda/python:3.12", "digest": digest}
    write_bundle(tmp_path / "model", base=base)
    with pytest.raises(MldeployError) as raised:
        load_bundle(tmp_path / "model")
    assert raised.value.code == "MLD202"
    write_bundle(tmp_path / "model", base={**base, "digest": f"sha256:{OTHER}"})
    load_bundle(tmp_path / "model")


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        ('index_url = "http://packages.example/simple"\n', {}),
        ('index_url = "http://10.0.0.5/simple"\n', {}),
        ('index_url = "http://127.0.0.1.evil.example/simple"\n', {}),
        ("", {"MLDEPLOY_IMAGE__INDEX_URL": "http://packages.example/simple"}),
    ],
)
def test_an_index_over_http_is_refused(tmp_path: Path, text: str, environ: dict[str, str]) -> None:
    """Whoever says it; the switch allows it, and this machine's own address needs none."""
    (tmp_path / "train.py").touch()
    (tmp_path / "mldeploy.toml").write_text(TOML + text)
    with pytest.raises(MldeployError, match="replace packages") as raised:
        load_config(tmp_path, environ=environ)
    assert raised.value.code == "MLD102"
    (tmp_path / "mldeploy.toml").write_text(f"{TOML}insecure_index = true\n{text}")
    load_config(tmp_path, environ=environ)
    (tmp_path / "mldeploy.toml").write_text(f'{TOML}index_url = "http://127.0.0.1:9/simple"\n')
    load_config(tmp_path, environ={})


@pytest.mark.parametrize("trusted", ["trusted", ""])
@pytest.mark.parametrize("variable", ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"])
def test_an_index_over_http_of_pip_s_own_is_refused(
    index: Path, monkeypatch: pytest.MonkeyPatch, variable: str, trusted: str
) -> None:
    """What pip is told past mldeploy.toml is seen by where the wheels come from, or by its words.

    Trusted by pip's configuration, the index is asked; else pip itself leaves it out.
    """
    with serving(index) as port:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{port}/nothing")
        monkeypatch.setenv(variable, "http://packages.example")
        if trusted:
            monkeypatch.setenv("PIP_TRUSTED_HOST", "packages.example")
        monkeypatch.setenv("PIP_PROXY", f"http://127.0.0.1:{port}")
        with pytest.raises(MldeployError, match=r"http from packages\.example") as raised:
            check_installable(["joblib==1.6.0"], HERE)
        assert raised.value.code == "MLD329"
        if trusted:
            allowed = check_installable(["joblib==1.6.0"], HERE, Index(insecure=True))
            assert allowed.hashes.keys() == {"joblib"}
