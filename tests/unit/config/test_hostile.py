"""Names, paths and kinds of files that must not get out of the project, or into the image."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mldeploy.config.file import load_config
from mldeploy.errors import MldeployError
from mldeploy.text.visible import visible
from tests.support.projects import write_bundle

FILE = '[project]\nname = "iris"\n[api]\nauth = "none"\n'
ESCAPE = "\x1b[2J\x9b0m\nerror[MLD999]: forged"


def refused(folder: Path, text: str, **flags: str) -> str:
    """Return what a file is refused with."""
    (folder / "mldeploy.toml").write_text(text)
    with pytest.raises(MldeployError) as raised:
        load_config(folder, environ={}, **flags)
    assert raised.value.code in {"MLD101", "MLD102"}
    return raised.value.message


@contextmanager
def within(folder: Path) -> Iterator[None]:
    """Be in a folder: a socket's path may have 108 characters."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def bound(path: Path) -> None:
    with within(path.parent), socket.socket(socket.AF_UNIX) as one:
        one.bind(path.name)


SPECIAL: list[tuple[str, Callable[[Path], object]]] = [
    ("pipe", os.mkfifo),
    ("socket", bound),
    ("link to a device", lambda path: path.symlink_to("/dev/zero")),
    ("link to itself", lambda path: path.symlink_to(path.name)),
    ("link out", lambda path: path.symlink_to("/etc/hostname")),
    ("link out by ..", lambda path: path.symlink_to("../../../../../../../etc/hostname")),
]


@pytest.mark.parametrize("make", [one for _, one in SPECIAL], ids=[name for name, _ in SPECIAL])
@pytest.mark.parametrize(
    "setting",
    [
        '[image]\ninclude = ["it.py"]',
        '[image]\ninclude = ["folder"]',
        '[image]\ndockerfile = "it.py"',
        '[functions.a]\nhandler = "app:f"\ngolden = "it.py"',
        '[project]\nhooks = "it.py"',
        '[models.other]\nhooks = "it.py"\n[functions.a]\nmodel = "other"',
    ],
    ids=["include", "folder", "dockerfile", "golden", "hooks", "another model's hooks"],
)
def test_only_files_of_the_project_get_into_the_image(
    setting: str, make: Callable[[Path], object], tmp_path: Path
) -> None:
    """No pipe, which would be waited for; no socket, no device; nothing behind a link out."""
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "it.py", tmp_path / "folder" / "it.py"):
        make(place)
    text = FILE + setting
    if setting.startswith("[project]"):
        text = FILE.replace("[api]", f"{setting.partition(chr(10))[2]}\n[api]")
    said = refused(tmp_path, text)
    assert any(
        reason in said
        for reason in ("is outside the project: a link in it", "neither a file", "n't a file",
                       "not a file", "doesn't exist", "contains a link")
    ), said  # fmt: skip


def test_a_link_in_a_folder_is_told_and_not_left_out(tmp_path: Path) -> None:
    """Training would follow it, and the image would lack it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "table.csv").touch()
    (tmp_path / "data" / "latest.csv").symlink_to("../table.csv")
    said = refused(tmp_path, f'{FILE}[image]\ninclude = ["data"]')
    assert "contains a link, which can't go into the image: latest.csv" in said
    (tmp_path / "mldeploy.toml").write_text(f'{FILE}[image]\ninclude = ["table.csv"]')
    assert load_config(tmp_path, environ={}).image.include == ("table.csv",)


@pytest.mark.parametrize("path", ["../x.py", "a/../../x.py", "/etc/hostname", "a\\\\b", "a\\u001bb",
                                  "a\\nb", "a\\u0000b", " "])  # fmt: skip
@pytest.mark.parametrize(
    "setting",
    [
        '[image]\ninclude = ["{}"]',
        '[image]\ndockerfile = "{}"',
        '[functions.a]\ngolden = "{}"',
        '[models.other]\ntrain = "{}"',
        '[models.other]\nhooks = "{}"',
        '[stages.dev.project]\ntrain = "{}"',
        '[stages.dev.project]\nhooks = "{}"',
    ],
)
def test_every_path_stays_inside_by_its_own_words(setting: str, path: str, tmp_path: Path) -> None:
    """No `..`, nothing absolute, no characters that nobody sees, for every setting that is one."""
    assert "must be a path inside the project" in refused(tmp_path, FILE + setting.format(path))


def test_the_train_module_is_of_the_project(tmp_path: Path) -> None:
    """Also behind a link: it would be run."""
    (tmp_path / "train.py").symlink_to("/etc/hostname")
    assert "`train` in [project]: train.py is outside the project" in refused(tmp_path, FILE)


@pytest.mark.parametrize("name", ["model.joblib", "golden.json", "requirements.txt", ""])
@pytest.mark.parametrize("model", ["", "other"])
def test_a_bundle_is_of_the_project(
    name: str, model: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither its folder nor a file in it is a link that leads out, whatever it leads to."""
    bundle = tmp_path / "models" / model if model else tmp_path / "model"
    write_bundle(bundle)
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "it"
    (bundle / name).rename(elsewhere)
    (bundle / name).symlink_to(elsewhere)
    uses = '[models.other]\n[functions.a]\nmodel = "other"\n' if model else ""
    said = refused(tmp_path, FILE + uses)
    assert (
        f"the model bundle: {(bundle / name).relative_to(tmp_path)} is outside the project" in said
    )


@pytest.mark.parametrize(
    "name",
    [b"a\nerror[MLD999]: forged", b"\x1b]0;title\x07", b"\xff.bin", "\x85".encode()],
)
def test_an_image_has_no_names_that_nobody_can_read(name: bytes, tmp_path: Path) -> None:
    """Control characters and bytes that aren't UTF-8: refused, and shown on one line."""
    (tmp_path / "data").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path / "data") + b"/" + name)).touch()
    said = refused(tmp_path, f'{FILE}[image]\ninclude = ["data"]')
    assert "contains a name with control characters or that isn't UTF-8" in said
    assert said == visible(said)
    assert len(said.splitlines()) == 2


def test_names_that_look_odd_are_names(tmp_path: Path) -> None:
    """A dash first, spaces, brackets, another script, 255 bytes."""
    (tmp_path / "data").mkdir()
    for name in ("-rf", "--help", " a b ", "[red]x", "模型", "x" * 255, "$(reboot)", "a;b", "%s"):
        (tmp_path / "data" / name).touch()
    (tmp_path / "mldeploy.toml").write_text(f'{FILE}[image]\ninclude = ["data"]')
    load_config(tmp_path, environ={})


@pytest.mark.parametrize(
    "name",
    ["", "A", "a_b", "a--b", "-a", "a-", "../a", "a/b", "a:b", "a.b", "a\\nb", "a\\u001b", "é",
     "a\\u0661", "\\u202ea"],
)  # fmt: skip
@pytest.mark.parametrize(
    "text",
    [
        FILE.replace("iris", "{}"),
        FILE + '[functions."{}"]\nroute = "POST /a"',
        FILE + '[models."{}"]',
        FILE + '[stages."{}".api]\nrate = 1.0',
    ],
    ids=["project", "function", "model", "stage"],
)
def test_names_are_plain(text: str, name: str, tmp_path: Path) -> None:
    """Nothing that separates, climbs or hides."""
    said = refused(tmp_path, text.replace("{}", name))
    assert said == visible(said)


@pytest.mark.parametrize("text", [FILE.replace("iris", "{}"), FILE + "[functions.{}]"])
def test_names_are_no_longer_than_aws_takes(text: str, tmp_path: Path) -> None:
    """Before anything is asked of AWS."""
    assert "characters; AWS accepts 64" in refused(tmp_path, text.replace("{}", "a" * 60))


@pytest.mark.parametrize("flag", ["stage", "region"])
def test_flags_are_as_plain_as_names(flag: str, tmp_path: Path) -> None:
    """And are shown on the line that they belong to."""
    said = refused(tmp_path, FILE, **{flag: ESCAPE})
    assert len(said.splitlines()) == 2
    assert "\x1b" not in said


@pytest.mark.parametrize(
    "text",
    ['"{}" = 1\n' + FILE, FILE + '"{}" = 1', FILE + '["{}"]', FILE + '[functions."{}"]'],
    ids=["key", "key of a table", "table", "function"],
)
def test_what_is_unknown_is_shown_on_its_line(text: str, tmp_path: Path) -> None:
    """A key may hold whatever TOML can write."""
    said = refused(tmp_path, text.replace("{}", "a\\u001b[2J\\nerror[MLD999]: forged"))
    assert "\\x1b[2J\\nerror[MLD999]" in said
    assert "\x1b" not in said
    assert not any(line.startswith("error") for line in said.splitlines())
