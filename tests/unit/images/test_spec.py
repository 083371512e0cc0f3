"""What goes into an image, and what its name depends on."""

import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mldeploy.config import (
    DEFAULT_HANDLER,
    ApiConfig,
    Config,
    FunctionConfig,
    ImageConfig,
    ModelConfig,
)
from mldeploy.errors import MldeployError
from mldeploy.images.builder import RepositoryTarget
from mldeploy.images.context import context_archive
from mldeploy.images.spec import ImageSpec, image_spec
from mldeploy.model.bundle import load_bundle
from mldeploy.model.forms import FORMAT
from tests.support.certificates import certificate
from tests.support.projects import one_form

CANARY = "canary-password"


LABELS = "facts fingerprint format model project requirements"
IMAGE_TITLE = "org.opencontainers.image.title"


def write_bundle(
    folder: Path, *, model: bytes = b"model", created: str = "1", **more: object
) -> None:
    folder.mkdir(exist_ok=True)
    sha256 = hashlib.sha256(model).hexdigest()
    golden = json.dumps({"format": 1, "inputs": [[1]], "predictions": [{"value": 1}]}).encode()
    (folder / "model.joblib").write_bytes(model)
    (folder / "golden.json").write_bytes(golden)
    (folder / "requirements.txt").write_text("joblib==1.5.0\n")
    facts = {
        "format": FORMAT,
        "model": one_form(sha256) if more.get("format", FORMAT) == FORMAT else {"sha256": sha256},
        "golden_sha256": hashlib.sha256(golden).hexdigest(),
        "signature": {},
        "metrics": {},
        "example": {"features": [1]},
        "versions": {"python": "3.12.1"},
        "provenance": {"created": created},
    }
    (folder / "model.json").write_text(json.dumps({**facts, **more}))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    write_bundle(tmp_path / "model")
    (tmp_path / "features.py").write_text("x = 1\n")
    return Config(
        root=tmp_path,
        file=tmp_path / "mldeploy.toml",
        name="demo",
        stage="dev",
        region="",
        profile=None,
        python="",
        architecture="x86_64",
        train="train.py",
        image=ImageConfig(include=("features.py",)),
        functions=(FunctionConfig("predict", "POST /predict"),),
        api=ApiConfig("none"),
    )


def spec_of(config: Config) -> ImageSpec:
    return image_spec(config, load_bundle(config.bundle))


def with_image(config: Config, **changes: object) -> Config:
    return replace(config, image=replace(config.image, **changes))  # type: ignore[arg-type]


def _other_model(config: Config) -> Config:
    write_bundle(config.bundle, model=b"retrained")
    return config


def _other_include(config: Config) -> Config:
    (config.root / "features.py").write_text("x = 2\n")
    return config


def _other_dockerfile(config: Config) -> Config:
    (config.root / "Dockerfile.mine").write_text("FROM scratch\n")
    return with_image(config, dockerfile="Dockerfile.mine")


def _other_golden(config: Config) -> Config:
    (config.root / "a.json").write_text('{"format": 1, "examples": [{"request": 1}]}')
    mine = FunctionConfig("mine", "POST /mine", handler="mine:handle", golden="a.json")
    return replace(config, functions=(*config.functions, mine))


def _other_python(config: Config) -> Config:
    path = config.bundle / "model.json"
    path.write_text(path.read_text().replace("3.12.1", "3.13.0"))
    return config


def _other_requirement(config: Config) -> Config:
    (config.bundle / "requirements.txt").write_text("joblib==1.5.1\n")
    return config


@pytest.mark.parametrize(
    "change",
    [
        _other_model,
        _other_include,
        _other_dockerfile,
        _other_python,
        _other_requirement,
        lambda config: with_image(config, base="example.com/base:1"),
        lambda config: with_image(config, include=()),
        lambda config: with_image(config, prune=False),
        lambda config: replace(config, architecture="arm64"),
    ],
)
def test_what_goes_in_changes_the_name(config: Config, change: Callable[[Config], Config]) -> None:
    """Model, modules, requirements, base, platform, Dockerfile, Python: each is in the tag."""
    before = spec_of(config).fingerprint
    assert spec_of(change(config)).fingerprint != before


def test_the_labels_are_called_as_in_images_that_exist(config: Config) -> None:
    """Registries hold images with these names: a move of the code must not rename them."""
    ours = {f"mldeploy.{name}" for name in LABELS.split()}
    assert {name for name, _ in spec_of(config).labels} == ours | {IMAGE_TITLE}


def test_golden_examples_stay_out_of_the_image(config: Config) -> None:
    """They wait for its answers, the bundle's and those of a handler of the user's own."""
    before = spec_of(config)
    after = spec_of(_other_golden(config))
    assert after.fingerprint == before.fingerprint
    assert not [name for name, _ in after.files if "golden" in Path(name).name.split(".")[0]
                and not name.startswith("endpoint/")]  # fmt: skip
    assert after.golden_of("mine:handle").inputs == [1]
    assert after.golden_of(DEFAULT_HANDLER).expected == [{"value": 1}]


def test_the_template_is_in_the_name(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of the handler is another image."""
    before = spec_of(config)
    template = config.root / "template"
    template.mkdir()
    for name, content in before.files:
        if not name.startswith(("model/", "include/")) and isinstance(content, Path):
            (template / name).parent.mkdir(exist_ok=True)
            (template / name).write_bytes(content.read_bytes())
    monkeypatch.setattr("mldeploy.images.spec.shipped", lambda _name: template)
    assert spec_of(config).fingerprint == before.fingerprint
    (template / "endpoint" / "handler.py").write_text("")
    assert spec_of(config).fingerprint != before.fingerprint


def test_what_does_not_go_in_leaves_the_name(config: Config) -> None:
    """The index, the CA, memory, further handlers, the day and the files' times."""
    before = spec_of(config).fingerprint
    write_bundle(config.bundle, created="2")
    (config.root / "ca.pem").write_bytes(certificate())
    os.utime(config.root / "features.py", (1, 1))
    config = with_image(config, index_url=f"https://me:{CANARY}@x.example/", ca_bundle="ca.pem")
    config = with_image(config, network=True)
    mine = FunctionConfig("mine", "POST /mine", memory=128, handler="mine:handle")
    config = replace(config, functions=(replace(config.functions[0], memory=4096), mine))
    after = spec_of(config)
    assert after.fingerprint == before
    assert [(one.handler, one.memory) for one in after.trials] == [
        ("endpoint.handler:handle", 4096),
        ("mine:handle", 128),
    ]
    assert after.network


def test_the_context_is_the_same_bytes_each_time(config: Config) -> None:
    """Times, owners and the order of folders leave no trace in it."""
    with context_archive(spec_of(config)) as first:
        before = first.read()
    for path in config.root.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    with context_archive(spec_of(config)) as second:
        assert second.read() == before


def names_in(spec: ImageSpec) -> list[str]:
    with context_archive(spec) as archive, tarfile.open(fileobj=archive) as tar:
        return tar.getnames()


def test_the_context_holds_what_the_dockerfile_copies(config: Config) -> None:
    """Handler, included files, model and pip's settings, and nothing else of the project."""
    (config.root / "secret.env").write_text(CANARY)
    names = names_in(with_ca(config))
    folders = {name.split("/")[0] for name in names}
    assert folders == {
        "Dockerfile",
        "build",
        "endpoint",
        "include",
        "model",
        "pip",
        "requirements.txt",
    }
    assert {"include/features.py", "include/.keep", "pip/pip.conf", "pip/ca.pem"} <= set(names)
    assert names == sorted(names)


def test_without_pruning_the_context_has_nothing_that_prunes(config: Config) -> None:
    """The Dockerfile prunes where it finds the script: what the tag names is what decides."""
    whole = names_in(spec_of(with_image(config, prune=False)))
    gone = set(names_in(spec_of(config))) - set(whole)
    assert gone == {"build/imports.py", "build/prune.py"}
    dockerfile = dict(spec_of(config).files)["Dockerfile"]
    assert isinstance(dockerfile, Path)
    assert "COPY build/ " in dockerfile.read_text()
    assert "if [ -f /tmp/prune.py ]" in dockerfile.read_text()


def with_ca(config: Config) -> ImageSpec:
    (config.root / "ca.pem").write_bytes(certificate())
    return spec_of(with_image(config, ca_bundle="ca.pem"))


def test_links_and_byte_code_stay_out(config: Config) -> None:
    """A link could lead anywhere; byte-code is the image's own."""
    folder = config.root / "lib"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "__pycache__" / "a.cpython-312.pyc").write_bytes(b"")
    (folder / "__pycache__" / "a.cpython-312.pyc.1234").write_bytes(b"")
    (folder / "old.pyc").write_bytes(b"")
    (folder / "a.py").write_text("")
    (folder / "link.py").symlink_to("/etc/hostname")
    (folder / "linked").symlink_to("/etc")
    names = names_in(spec_of(with_image(config, include=("lib",))))
    assert [name for name in names if name.startswith("include/lib")] == ["include/lib/a.py"]


def test_an_included_file_that_is_missing_is_named(config: Config) -> None:
    """MLD311 with the key and the path, also for a configuration that nobody checked."""
    with pytest.raises(MldeployError) as raised:
        spec_of(with_image(config, include=("nope.py",)))
    assert raised.value.code == "MLD311"
    assert "nope.py" in raised.value.message


@pytest.mark.parametrize("after", ["x = 3\n", "x = 34\n", "x\n", None])
def test_a_file_that_changed_since_it_was_named_stops_the_build(
    config: Config, after: str | None
) -> None:
    """An immutable tag mustn't get another content than its name says."""
    spec = spec_of(config)
    (config.root / "features.py").unlink()
    if after is not None:
        (config.root / "features.py").write_text(after)
    with pytest.raises(MldeployError) as raised:
        context_archive(spec)
    assert raised.value.code == "MLD312"


@pytest.mark.parametrize("size", [1, 100_000])
def test_a_full_disk_is_told_from_a_file_that_changed(
    config: Config, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Whether it is full at the first file or when the rest is written out."""
    (config.root / "features.py").write_bytes(b"#" * size)
    spec = spec_of(config)
    monkeypatch.setattr("tempfile.TemporaryFile", lambda: open("/dev/full", "w+b"))  # noqa: PTH123, SIM115
    with pytest.raises(MldeployError) as raised:
        context_archive(spec)
    assert raised.value.code == "MLD620"
    assert "No space left" in raised.value.message
    assert "TMPDIR" in raised.value.hint


def test_secrets_are_in_no_repr(config: Config) -> None:
    """Neither the index's nor the registry's password shows up in a log."""
    spec = spec_of(with_image(config, index_url=f"https://me:{CANARY}@x.example/simple"))
    target = RepositoryTarget("x.example/demo", "AWS", CANARY)
    assert CANARY not in repr(spec) + repr(target)
    assert CANARY not in json.dumps(spec.labels)


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("", ()),
        ("https://x.example/simple", ()),
        ("https://me@x.example/simple", ()),
        ("https://me:p%40ss@x.example/simple", ("me:p%40ss", "me:p@ss")),
        ("https://a-token-that-is-long@x.example/", ("a-token-that-is-long",)),
    ],
)
def test_the_logins_that_no_image_may_hold(config: Config, url: str, secrets: tuple[str]) -> None:
    """As written and decoded; a short user name alone would be found in any image."""
    assert spec_of(with_image(config, index_url=url)).index_secrets == secrets


def test_a_bundle_of_other_settings_is_refused(config: Config) -> None:
    """A Python, a requirement or a [publish] that training didn't know: train again."""
    for changed in (
        replace(config, python="3.13"),
        with_image(config, requirements=("pandas>=2",)),
        replace(config, publish=True),
        replace(config, publish=("a",)),
    ):
        with pytest.raises(MldeployError) as raised:
            image_spec(changed, load_bundle(changed.bundle))
        assert raised.value.code == "MLD207"
        assert "mldeploy train" in raised.value.hint


def with_code(config: Config, **files: str) -> Config:
    """Give the bundle local modules."""
    (config.bundle / "code").mkdir(exist_ok=True)
    path = config.bundle / "model.json"
    digests = {}
    for name, text in files.items():
        (config.bundle / f"code/{name}.py").write_text(text)
        digests[f"{name}.py"] = hashlib.sha256(text.encode()).hexdigest()
    path.write_text(json.dumps({**json.loads(path.read_text()), "code": digests}))
    return config


def test_local_modules_are_those_of_training(config: Config) -> None:
    """They come from the bundle: an edit in the project changes no image, a retrain does."""
    (config.root / "helpers.py").write_text("x = 1\n")
    before = spec_of(with_code(config, helpers="x = 1\n"))
    content = dict(before.files)["include/helpers.py"]
    assert content == config.bundle / "code/helpers.py"
    assert "include/helpers.py" in names_in(before)
    (config.root / "helpers.py").write_text("x = 2\n")
    assert spec_of(config).fingerprint == before.fingerprint
    assert spec_of(with_code(config, helpers="x = 2\n")).fingerprint != before.fingerprint


def test_what_is_included_by_name_wins_over_local_modules(config: Config) -> None:
    """The user has said which file it is to be."""
    files = dict(spec_of(with_code(config, features="x = 'of training'\n")).files)
    assert files["include/features.py"] == config.root / "features.py"


def test_of_a_ca_file_only_certificates_go_to_the_build(config: Config) -> None:
    """A file that holds anything else, a key or any file of this machine, gives away none of it."""
    content = b"# " + CANARY.encode() + b"\n" + certificate() + b"password=" + CANARY.encode()
    fake = b"\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    (config.root / "ca.pem").write_bytes(content + fake)
    spec = spec_of(with_image(config, ca_bundle="ca.pem"))
    with context_archive(spec) as archive, tarfile.open(fileobj=archive) as tar:
        member = tar.extractfile("pip/ca.pem")
        assert member
        assert member.read() == certificate()


def test_a_bundle_that_was_trained_so_agrees(config: Config) -> None:
    """model.json holds a list, the file a tuple."""
    write_bundle(config.bundle, publish=["a"])
    image_spec(replace(config, publish=("a",)), load_bundle(config.bundle))


def test_a_bundle_that_publishes_rows_is_refused(config: Config) -> None:
    """Before format 3 model.json held one."""
    write_bundle(config.bundle, format=2)
    with pytest.raises(MldeployError, match="an older mldeploy wrote the bundle") as raised:
        spec_of(config)
    assert raised.value.code == "MLD208"


def test_what_only_the_endpoint_may_read_is_beside_the_model(config: Config) -> None:
    """It is in the image and in its name, and in no label."""
    before = spec_of(config)
    columns = b'{"c": {"categories": ["canary"], "listed": false}}'
    (config.bundle / "columns.json").write_bytes(columns)
    write_bundle(config.bundle, columns_sha256=hashlib.sha256(columns).hexdigest())
    spec = spec_of(config)
    assert dict(spec.files)["model/columns.json"] == config.bundle / "columns.json"
    assert "canary" not in repr(spec.labels)
    assert spec.fingerprint != before.fingerprint
    (config.bundle / "columns.json").write_bytes(b"{}")
    with pytest.raises(MldeployError, match=r"columns\.json: its SHA-256"):
        spec_of(config)


def _two(config: Config, *paths: str, signature: object = None, metric: float = 1.0) -> Config:
    """Return a project whose function `predict` serves these paths, beside another model."""
    (config.root / "models").mkdir(exist_ok=True)
    write_bundle(
        config.root / "models/other",
        model=str(metric).encode(),
        signature=signature or {"features": ["a"]},
        metrics={"r2": metric},
    )
    functions = (
        FunctionConfig("other", "POST /other", model="other"),
        replace(config.functions[0], paths=paths),
    )
    return replace(config, functions=functions, models=(ModelConfig("other", "other.py"),))


def test_a_function_with_documents_has_the_other_models_columns(config: Config) -> None:
    """Only then, and a training that keeps them leaves its image alone, which may be large."""
    alone = spec_of(config.of_model(""))
    plain = spec_of(_two(config, "/health").of_model(""))
    first = spec_of(_two(config, "/docs").of_model(""))
    again = spec_of(_two(config, "/docs", metric=0.5).of_model(""))
    other = spec_of(_two(config, "/docs", signature={"features": ["b"]}).of_model(""))
    assert plain.fingerprint == alone.fingerprint
    assert len({alone.fingerprint, first.fingerprint, other.fingerprint}) == 3
    assert again.fingerprint == first.fingerprint
    content = dict(first.files)["endpoint/others.json"]
    assert isinstance(content, bytes)
    assert json.loads(content) == {
        "other": {"signature": {"features": ["a"]}, "example": {"features": [1]}}
    }


def test_a_model_that_isnt_trained_yet_is_left_out(config: Config) -> None:
    """`serve` and `build` of the first model don't need the second."""
    both = _two(config, "/docs")
    shutil.rmtree(config.root / "models")
    assert "endpoint/others.json" not in dict(spec_of(both.of_model("")).files)
