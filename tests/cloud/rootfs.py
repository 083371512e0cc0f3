"""The file tree of the stand-in base image: Debian's libraries, a Python, Lambda's runtime."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from tests.cloud.state import CloudError, machine, run

if TYPE_CHECKING:
    from collections.abc import Iterator

AWSLAMBDARIC = "awslambdaric==4.2.2"
PIP = "pip==26.3"
SAM_CLI = "aws-sam-cli==1.170.0"  # its wheel carries Lambda's runtime interface emulator

# A shell, and what CPython and the usual wheels link to; no package manager, as in AWS's image
# nothing is installed with one here. No libgomp either: AWS's hasn't got it.
PACKAGES = (
    "dash,coreutils,sed,grep,ca-certificates,libstdc++6,libssl3,libffi8,zlib1g,"
    "libbz2-1.0,liblzma5,libsqlite3-0,libuuid1,libexpat1,libtinfo6,libncursesw6,libreadline8"
)

# AWS's image starts in the same way: a single argument is the handler, and without a runtime API
# the emulator provides one (github.com/aws/aws-lambda-base-images).
ENTRYPOINT = """#!/bin/sh
if [ $# -ne 1 ]; then
  echo "entrypoint requires the handler name to be the first argument" 1>&2
  exit 142
fi
export _HANDLER="$1"
if [ -z "${AWS_LAMBDA_RUNTIME_API}" ]; then
  exec /usr/local/bin/aws-lambda-rie /var/runtime/bootstrap
fi
exec /var/runtime/bootstrap
"""
BOOTSTRAP = """#!/bin/sh
cd "${LAMBDA_TASK_ROOT}" || exit 1
exec /var/lang/bin/pythonVERSION -m awslambdaric "$_HANDLER"
"""

_CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
_FOLDERS = {"tmp", "opt", "root", "var/task", "var/runtime"}
_LEFT_OUT = {"test", "tests", "idle_tests", "idlelib", "turtledemo", "tkinter", "site-packages"}
_LEFT_OUT |= {"dist-packages", "ensurepip", "__pycache__", "lib2to3", "EXTERNALLY-MANAGED"}


def find_python(version: str) -> Path:
    """Return this machine's `python3.X`, preferably one with its own folder.

    Raises:
        CloudError: there is none.
    """
    names = [str(path) for path in _pyenv_pythons(version)]
    names += [path for path in (sys.executable, shutil.which(f"python{version}")) if path]
    found = [python for name in names if (python := _behind(name, version))]
    if not found:
        raise CloudError(f"no Python {version} was found on PATH or under pyenv")
    return min(found, key=_is_debians)


def _is_debians(python: Path) -> bool:
    return python.parent == Path("/usr/bin")


def _pyenv_pythons(version: str) -> list[Path]:
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    return sorted(root.glob(f"versions/{version}.*/bin/python{version}"), reverse=True)


def _behind(python: str, version: str) -> Path | None:
    """Return the interpreter behind a venv's or a link, or None if it is another version."""
    code = "import json, sys; print(json.dumps([sys.base_prefix, '%d.%d' % sys.version_info[:2]]))"
    try:
        prefix, actual = json.loads(run([python, "-c", code]))
    except CloudError:  # a pyenv shim of a version that isn't selected
        return None
    return Path(prefix) / "bin" / f"python{version}" if actual == version else None


def rootfs_key(version: str) -> str:
    """Return a digest of what the image's files are made of, but for the packages' versions.

    Raises:
        CloudError: there is no such Python.
    """
    python = find_python(version)
    bundle = _CA_BUNDLE.read_bytes() if _CA_BUNDLE.exists() else b""
    built = run([python, "-c", "import sys; print(sys.version)"])
    parts = [Path(__file__).read_bytes(), bundle, f"{python} {built}".encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def write_rootfs(target: Path, version: str, scratch: Path) -> None:
    """Write the image's files as a tar.

    Args:
        target: the tar to write.
        version: of Python, such as `3.12`.
        scratch: an empty folder for downloaded and unpacked files.

    Raises:
        CloudError: a part is unavailable.
    """
    python = find_python(version)
    _write_debian(target)
    lang = scratch / "lang"
    _copy_interpreter(python, lang, version)
    # Debian's own Python looks for packages under another name.
    packages = "dist-packages" if _is_debians(python) else "site-packages"
    site_packages = lang / "lib" / f"python{version}" / packages
    # This tool's pip works for the other interpreter, which may have none.
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python]
    run([*pip, "install", "--quiet", "--no-compile", "--target", site_packages, PIP, AWSLAMBDARIC])
    shutil.rmtree(site_packages / "bin", ignore_errors=True)  # scripts with this machine's path
    run([*pip, "download", "--quiet", "--no-deps", "--dest", scratch, SAM_CLI])
    # Byte code with the image's paths that is valid regardless of the files' times.
    compileall: list[str | Path] = [
        python,
        "-m",
        "compileall",
        "-q",
        "--invalidation-mode",
        "unchecked-hash",
    ]
    run([*compileall, "-s", scratch, "-p", "/var", lang / "lib"])
    with tarfile.open(target, "a") as tar:
        tar.add(lang, "var/lang", filter=_owned_by_root)
        for name, content, mode in _files(scratch, version):
            info = tarfile.TarInfo(name)
            info.mode = mode
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        # Docker refuses a tar that names a path twice.
        there = {str(PurePosixPath(name)) for name in tar.getnames()}
        for name in _FOLDERS - there:
            folder = tarfile.TarInfo(name)
            folder.type = tarfile.DIRTYPE
            folder.mode = 0o1777 if name == "tmp" else 0o755
            tar.addfile(folder)


def _write_debian(target: Path) -> None:
    codename, sources = debian_sources()
    command = ["mmdebstrap", "--quiet", "--variant=extract", "--mode=root", f"--include={PACKAGES}"]
    run([*command, codename, target, *sources])


def debian_sources() -> tuple[str, list[str]]:
    """Return Debian's code name and the lines of this machine's own package sources.

    Raises:
        CloudError: the machine isn't Debian, or has no source of packages.
    """
    lines = Path("/etc/os-release").read_text().splitlines()
    release = dict(line.split("=", 1) for line in lines if "=" in line)
    codename = release.get("VERSION_CODENAME", "").strip('"')
    if release.get("ID", "").strip('"') != "debian" or not shutil.which("mmdebstrap"):
        raise CloudError("the stand-in base image is made of Debian packages, by mmdebstrap")
    fields = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)"
    targets = run(["apt-get", "indextargets", "--format", fields, "Created-By: Packages"])
    sources = []
    for entry in dict.fromkeys(targets.splitlines()):
        uri, suite, component = entry.split("|")
        if suite == codename or suite.startswith(f"{codename}-"):
            sources.append(f"deb {uri} {suite} {component}")
    if not sources:
        raise CloudError(f"this machine's package sources have none for {codename}")
    return codename, sources


def _copy_interpreter(python: Path, lang: Path, version: str) -> None:
    prefix = python.parent.parent
    library = f"lib/python{version}"

    def left_out(_folder: str, names: list[str]) -> set[str]:
        config = {name for name in names if name.startswith("config-")}
        return config | (_LEFT_OUT & set(names))

    shutil.copytree(prefix / library, lang / library, ignore=left_out)
    (lang / "bin").mkdir()
    shutil.copy2(python.resolve(), lang / "bin" / f"python{version}")
    for name in ("python", "python3"):
        (lang / "bin" / name).symlink_to(f"python{version}")
    for library_file in (prefix / "lib").glob("libpython3*.so*"):
        shutil.copy2(library_file, lang / "lib", follow_symlinks=False)
    strip = shutil.which("strip")
    if strip:  # 40 MB of symbols in a Python that pyenv has built
        shared = [path for path in lang.glob("lib/libpython*.so.*") if not path.is_symlink()]
        modules = (lang / library / "lib-dynload").glob("*.so")
        run([strip, *shared, *modules, lang / "bin" / f"python{version}"])
    pip = lang / "bin" / "pip"
    pip.write_text('#!/bin/sh\nexec /var/lang/bin/python3 -m pip "$@"\n')
    pip.chmod(0o755)
    (lang / "bin" / "pip3").symlink_to("pip")


def _files(scratch: Path, version: str) -> Iterator[tuple[str, bytes, int]]:
    """Yield name, content and mode of the files that are neither Debian's nor Python's."""
    yield "lambda-entrypoint.sh", ENTRYPOINT.encode(), 0o755
    yield "var/runtime/bootstrap", BOOTSTRAP.replace("VERSION", version).encode(), 0o755
    yield "etc/passwd", b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n", 0o644
    yield "etc/group", b"root:x:0:\nnogroup:x:65534:\n", 0o644
    if _CA_BUNDLE.exists():  # what this machine's network trusts, for builds that fetch packages
        yield "etc/ssl/certs/ca-certificates.crt", _CA_BUNDLE.read_bytes(), 0o644
    (wheel,) = scratch.glob("aws_sam_cli-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        emulator = archive.read(f"samcli/local/rapid/aws-lambda-rie-{machine()}")
    yield "usr/local/bin/aws-lambda-rie", emulator, 0o755


def _owned_by_root(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    return info
