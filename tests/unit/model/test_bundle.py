"""Reading a bundle: what is whole, what is damaged, what is newer."""

import hashlib
import json
import os
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from mldeploy.errors import MldeployError
from mldeploy.model.bundle import load_bundle


def write(folder: Path, **changes: Any) -> Path:
    """Write a bundle without training one."""
    folder.mkdir(exist_ok=True)
    (folder / "model.joblib").write_bytes(b"a model")
    (folder / "golden.json").write_text('{"format": 1, "inputs": [], "predictions": []}')
    (folder / "requirements.txt").write_text("joblib==1.6.0\nnumpy==2.5.5\n")
    facts = {
        "format": 1,
        "model": {"sha256": hashlib.sha256(b"a model").hexdigest()},
        "signature": {},
        "metrics": {},
        "versions": {"python": "3.12.1"},
        "example": {"features": [1]},
        "golden_sha256": hashlib.sha256((folder / "golden.json").read_bytes()).hexdigest(),
        "provenance": {"created": "2026-11-23T00:00:00+00:00", "git": None},
    }
    (folder / "model.json").write_text(json.dumps({**facts, **changes}))
    return folder


def test_a_bundle_tells_what_others_read(tmp_path: Path) -> None:
    """Python without its last part, pins as lines, facts without time and git."""
    bundle = load_bundle(write(tmp_path / "model"))
    assert (bundle.python, bundle.example) == ("3.12", {"features": [1]})
    assert bundle.requirements == ("joblib==1.6.0", "numpy==2.5.5")
    assert "provenance" not in json.loads(bundle.image_facts())


def test_a_model_without_an_example_says_so(tmp_path: Path) -> None:
    """MLD247 says why, and what else there is to do."""
    bundle = load_bundle(write(tmp_path / "model", example=None, no_example="none of 'mail'"))
    with pytest.raises(MldeployError, match="none of 'mail'") as raised:
        _ = bundle.example
    assert (raised.value.code, "--data" in raised.value.hint) == ("MLD247", True)


def test_time_and_commit_arent_in_the_digest(tmp_path: Path) -> None:
    """Equal training at another time is the same model; other pins or metrics are another."""
    first = load_bundle(write(tmp_path / "model"))
    digest = first.digest
    assert load_bundle(write(tmp_path / "model", provenance={"git": "abc"})).digest == digest
    assert load_bundle(write(tmp_path / "model", metrics={"r2": 1.0})).digest != digest
    write(tmp_path / "model")
    (tmp_path / "model/requirements.txt").write_text("joblib==1.6.1\n")
    assert load_bundle(tmp_path / "model").digest != digest


def test_no_bundle_names_the_command(tmp_path: Path) -> None:
    """The first thing that a new user forgets."""
    with pytest.raises(MldeployError, match="no model bundle") as raised:
        load_bundle(tmp_path / "model")
    assert (raised.value.code, raised.value.hint) == ("MLD201", "run `mldeploy train` first")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("model.joblib", b"another", "model.joblib: its SHA-256"),
        ("model.joblib", None, "model.joblib: it can't be read"),
        ("golden.json", b"{}", "golden.json: its SHA-256"),
        ("requirements.txt", None, "requirements.txt: it is missing"),
        ("model.json", b"{", "model.json: it isn't JSON"),
        ("model.json", b"\xff", "model.json: it isn't JSON"),
        ("model.json", b"[]", "model.json: it has no format"),
        ("model.json", b'{"format": 1}', "keys are missing: example"),
    ],
)
def test_a_damaged_bundle_names_the_file(
    tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    """What was cut short or edited is said with its file."""
    path = write(tmp_path / "model") / name
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(MldeployError) as raised:
        load_bundle(tmp_path / "model")
    assert raised.value.code == "MLD202"
    assert says in raised.value.message


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    """What a newer mldeploy wrote isn't guessed at, whatever its keys."""
    folder = write(tmp_path / "model")
    (folder / "model.json").write_text('{"format": 5}')
    with pytest.raises(MldeployError, match="has format 5") as raised:
        load_bundle(folder)
    assert raised.value.code == "MLD203"


@pytest.mark.parametrize("name", ["model.joblib", "golden.json", "requirements.txt", "model.json"])
def test_a_pipe_is_no_part_of_a_bundle(name: str, tmp_path: Path) -> None:
    """It is refused and not read, which might never end."""
    write(tmp_path)
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    writer = Thread(target=lambda: (tmp_path / name).open("wb").close())
    writer.start()
    with pytest.raises(MldeployError) as raised:
        load_bundle(tmp_path)
    reader = os.open(tmp_path / name, os.O_RDONLY | os.O_NONBLOCK)  # lets the writer go
    writer.join()
    os.close(reader)
    assert any(
        reason in raised.value.message
        for reason in ("there is no model bundle", "it isn't a file", "it is missing")
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model", 3),
        ("model", {}),
        ("model", {"sha256": "abc"}),
        ("metrics", []),
        ("signature", "\x1b[2J"),
        ("versions", []),
        ("versions", {"python": "3.12\nFROM evil"}),
        ("versions", {"python": "evil/image:3.12"}),
    ],
)
def test_facts_that_training_doesnt_write_are_damage(
    key: str, value: object, tmp_path: Path
) -> None:
    """A value of another kind is said to be wrong, and gets into no image's name."""
    with pytest.raises(MldeployError, match=f"the value of {key}.* is invalid") as raised:
        load_bundle(write(tmp_path, **{key: value}))
    assert raised.value.code == "MLD202"


@pytest.mark.parametrize(
    "line",
    [
        "-r /etc/hostname",
        "--index-url https://evil.example",
        "numpy==1 --index-url=https://evil.example",
        "numpy @ file:///tmp/evil",
        "numpy @ git+https://evil.example/numpy",
        " numpy==1",
        "numpy==1\x1b[2J",
        "\xff",
    ],
)
def test_requirements_are_requirements(line: str, tmp_path: Path) -> None:
    """No option of pip's, and nothing that can't be read."""
    write(tmp_path)
    (tmp_path / "requirements.txt").write_bytes(f"joblib==1.6.0\n{line}\n".encode("latin-1"))
    with pytest.raises(MldeployError, match=r"requirements\.txt") as raised:
        load_bundle(tmp_path)
    assert raised.value.code == "MLD202"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def with_code(folder: Path, **files: str) -> Path:
    """Write a bundle with local modules."""
    for name, text in files.items():
        path = folder / "code" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return write(folder, code={f"{name}.py": sha256(text) for name, text in files.items()})


def test_local_modules_are_part_of_a_bundle(tmp_path: Path) -> None:
    """Other code is another model; a bundle without any is as it was."""
    first = load_bundle(with_code(tmp_path / "a", features="x = 1"))
    assert first.code == {"features.py": tmp_path / "a/code/features.py"}
    assert load_bundle(with_code(tmp_path / "b", features="x = 2")).digest != first.digest
    assert load_bundle(write(tmp_path / "c")).code == {}


@pytest.mark.parametrize("change", ["edit", "remove", "link", "folder link"])
def test_a_local_module_that_was_changed_is_damage(tmp_path: Path, change: str) -> None:
    """MLD202 names the file, also where a link leads to equal content."""
    folder = with_code(tmp_path / "a", features="x = 1")
    path = folder / "code/features.py"
    match change:
        case "edit":
            path.write_text("x = 2")
        case "remove":
            path.unlink()
        case "link":
            path.rename(tmp_path / "other.py")
            path.symlink_to(tmp_path / "other.py")
        case _:
            path.parent.rename(tmp_path / "code")
            path.parent.symlink_to(tmp_path / "code")
    with pytest.raises(MldeployError, match=r"code/features\.py") as raised:
        load_bundle(folder)
    assert raised.value.code == "MLD202"


@pytest.mark.parametrize(
    "name",
    [
        "../out.py", "/etc/x.py", "a/../b.py", "a//b.py", "./a.py", ".keep", "a\\b.py", "a\n.py",
        "", "endpoint/handler.py", "model/a.py", "model.py",
    ],
)  # fmt: skip
def test_a_local_module_stays_in_its_place(tmp_path: Path, name: str) -> None:
    """No path leads out of the folder, or over what the image has of its own."""
    folder = write(tmp_path / "a", code={name: sha256("")})
    with pytest.raises(MldeployError, match="the value of code is invalid"):
        load_bundle(folder, verify=False)


@pytest.mark.parametrize("code", [[], {"a.py": "short"}, {"a.py": None}, None])
def test_local_modules_have_hashes(tmp_path: Path, code: Any) -> None:
    """Training writes nothing else; nor is a file that is a folder too."""
    both = {"a": sha256(""), "a/b.py": sha256("")}
    for wrong in (code, both):
        with pytest.raises(MldeployError) as raised:
            load_bundle(write(tmp_path / "a", code=wrong), verify=False)
        assert raised.value.code == "MLD202"
