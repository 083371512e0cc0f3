"""Which files of a project go into the image, and which would carry secrets there."""

from pathlib import Path

import pytest

from mldeploy.errors import MldeployError
from mldeploy.files.included import included_files

KEY = "-----BEGIN {}PRIVATE KEY-----\nMIIEow==\n-----END {}PRIVATE KEY-----\n"
SECRETS = {
    ".env": "A=1",
    ".env.production": "A=1",
    "conf/.netrc": "machine x login me password hunter2",
    ".pypirc": "[pypi]\npassword = hunter2",
    "id_ed25519": "anything",
    "store.p12": "anything",
    "infra/terraform.tfstate": "{}",
    "infra/terraform.tfstate.backup": "{}",
    ".git/config": "[remote]\nurl = https://me:hunter2@x.example/",
    "lib/.git/hooks/post-merge": "#!/bin/sh",
    ".ssh/known_hosts": "x",
    ".aws/config": "[default]",
    "tls/server.key": KEY.format("", ""),
    "tls/server.pem": KEY.format("RSA ", "RSA "),
    "notes.txt": "my key:\n" + KEY.format("OPENSSH ", "OPENSSH "),
}
HARMLESS = {
    ".env.example": "A=",
    "environment.py": "",
    "tls/ca.pem": "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n",
    "id_columns.json": "[]",
    "monkey.key": "a mapping's key",
    "gitignored/.gitignore": "",
}


def write(root: Path, name: str, content: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(content)


def names(root: Path, *include: str) -> list[str]:
    return [name for name, _ in included_files(root, include)]


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("whole", [True, False], ids=["in a folder", "by name"])
def test_a_file_that_holds_secrets_is_refused(tmp_path: Path, name: str, *, whole: bool) -> None:
    """By its name, its folder or its content; the content is not repeated."""
    write(tmp_path, f"data/{name}", SECRETS[name])
    with pytest.raises(MldeployError) as raised:
        names(tmp_path, "data" if whole else f"data/{name}")
    assert raised.value.code == "MLD314"
    assert f"data/{name}" in raised.value.message
    assert "hunter2" not in str(raised.value)
    assert ".dockerignore" in raised.value.hint


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_resembles_one_goes_in(tmp_path: Path, name: str) -> None:
    """A template, a certificate, a name that begins alike."""
    write(tmp_path, f"data/{name}", HARMLESS[name])
    assert names(tmp_path, "data") == [f"data/{name}"]


def test_a_link_to_a_secret_is_one(tmp_path: Path) -> None:
    """A file that is named may be a link inside the project: what it leads to counts."""
    write(tmp_path, ".env", "A=1")
    (tmp_path / "settings.txt").symlink_to(tmp_path / ".env")
    with pytest.raises(MldeployError, match=r"settings\.txt"):
        names(tmp_path, "settings.txt")


def test_dockerignore_leaves_files_out(tmp_path: Path) -> None:
    """As Docker reads it: comments, `**`, exceptions, folders; a secret may be named there."""
    for name in ("lib/a.py", "lib/b.csv", "lib/deep/c.csv", "lib/keep.csv", "lib/.env", "raw/x"):
        write(tmp_path, name, "x")
    write(tmp_path, ".dockerignore", "# data\n**/*.csv\n!lib/keep.csv\n\n**/.env\nraw/\n")
    assert names(tmp_path, "lib") == ["lib/a.py", "lib/keep.csv"]
    with pytest.raises(MldeployError, match=r"raw.*\.dockerignore excludes all of it"):
        names(tmp_path, "raw")
