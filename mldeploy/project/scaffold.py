"""Creates a project: the Iris example with its own mldeploy.toml."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mldeploy.config import Auth, FunctionConfig, limits
from mldeploy.errors import MldeployError
from mldeploy.facts.quotas import MEMORY, ROLE_NAME_LENGTH
from mldeploy.files.shipped import shipped
from mldeploy.text.data import InJson, in_json

CONFIG = "mldeploy.toml"
_README = "README.md"
_LONGEST_DEFAULT = 24
_NOT_COPIED = {"model", "__pycache__", CONFIG}
"""Files not to copy: the bundle and byte code of a checkout, and the rendered file."""

_AUTH_COMMENT = {
    "none": '# PUBLIC: anyone who knows the URL may call it. "iam" accepts signed requests only.',
    "iam": "# Only requests signed with AWS credentials that may call execute-api:Invoke.",
}

_TEMPLATE = """\
# The settings of this project. Every key, its default and its limits: docs/configuration.md
# of mldeploy. Flags and MLDEPLOY_* variables override this file.

[project]
name = "{name}"
{region}
# python = "3.12"            # default: the Python that trains
# architecture = "arm64"     # default: x86_64

[image]
# include = ["features.py"]  # your modules and data that the model needs
# requirements = ["pandas"]  # in addition to those that `mldeploy train` finds

[functions.predict]
route = "POST /predict"
memory = {memory}                # MB, 128 to 10240
timeout = {timeout}                 # seconds, up to the 30 of API Gateway
# Pages for people and documents for programs; "/v2" is the Open Inference Protocol.
paths = ["/", "/docs", "/openapi.json", "/health", "/metadata"]

[api]
{comment}
auth = "{auth}"

# Settings of one stage: mldeploy deploy --stage prod
# [stages.prod.functions.predict]
# memory = 2048
"""


@dataclass(frozen=True)
class Answers:
    """The answers to the questions of `init`.

    Attributes:
        name: the project's.
        region: an AWS region, or "" for the profile's.
        auth: "none" (public) or "iam".
        memory: MB.
    """

    name: str
    region: str = ""
    auth: Auth = "iam"
    memory: int = FunctionConfig.memory


@dataclass(frozen=True)
class Scaffolded:
    """A created project.

    Attributes:
        path: its folder, absolute.
        name: the project's name.
        auth: of the endpoint: "none" (public) or "iam".
        created: new files, relative to the folder.
        kept: existing files that were kept.
    """

    path: Path = field(metadata=in_json(InJson(key="project")))
    name: str
    auth: Auth
    created: tuple[str, ...]
    kept: tuple[str, ...]


def default_name(folder: Path) -> str:
    """Return a valid project name derived from a folder's name."""
    plain = unicodedata.normalize("NFKD", folder.absolute().resolve().name)
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode().lower())
    name = "-".join(words)[:_LONGEST_DEFAULT].rstrip("-")
    if not name:
        return "my-model"
    return name if name[0].isalpha() else f"model-{name}"[:_LONGEST_DEFAULT].rstrip("-")


def checked(answers: Answers) -> Answers:
    """Return the answers if the resulting file is valid.

    Raises:
        MldeployError: MLD102 with the first invalid answer.
    """
    longest = f"mldeploy_{answers.name}_dev_predict_{answers.region}".rstrip("_")
    try:
        limits.name(answers.name)
        if answers.region:
            limits.region(answers.region)
    except ValueError as error:
        wrong = "region" if "region" in str(error) else "name"
        raise MldeployError("MLD102", f"--{wrong} {error}") from error
    if len(longest) > ROLE_NAME_LENGTH:
        raise MldeployError(
            "MLD102",
            f"--name is too long: it would make the name {longest}, and AWS accepts "
            f"{ROLE_NAME_LENGTH} characters",
        )
    low, high = MEMORY
    if not low <= answers.memory <= high:
        raise MldeployError("MLD102", f"--memory must be {low} to {high} MB")
    return answers


def render_config(answers: Answers) -> str:
    """Return the text of mldeploy.toml."""
    region = (
        f'region = "{answers.region}"'
        if answers.region
        else '# region = "eu-central-1"    # default: AWS_REGION, then the profile\'s'
    )
    return _TEMPLATE.format(
        name=answers.name,
        region=region,
        memory=f"{answers.memory}",
        timeout=FunctionConfig.timeout,
        comment=_AUTH_COMMENT[answers.auth],
        auth=answers.auth,
    )


def require_empty_place(folder: Path) -> None:
    """Refuse a folder that contains a project or can't be created.

    Raises:
        MldeployError: MLD121 if mldeploy.toml exists, MLD123 if the folder can't be created.
    """
    if (folder / CONFIG).exists() or (folder / CONFIG).is_symlink():
        raise MldeployError(
            "MLD121",
            f"{folder / CONFIG} already exists; nothing was written",
            "edit it, or use another folder: mldeploy init DIR",
        )
    if folder.exists() and not folder.is_dir():
        raise MldeployError("MLD123", f"{folder} isn't a folder", "mldeploy init DIR")


def scaffold(folder: Path, answers: Answers, example: Path | None = None) -> Scaffolded:
    """Create a working project without overwriting existing files.

    mldeploy.toml is written last, so that the command can be repeated after an interruption.

    Args:
        folder: created if it doesn't exist.
        answers: for the file.
        example: the project to copy; the Iris example if None.

    Raises:
        MldeployError: MLD102 for an invalid answer, MLD121 and MLD123 as in `require_empty_place`,
            and
            MLD123 if a file can't be written.
    """
    checked(answers)
    require_empty_place(folder)
    source = example or shipped("iris")
    files = [(name, _content(source, name, answers.name)) for name in _names(source)]
    files.append((CONFIG, render_config(answers).encode()))
    created: list[str] = []
    kept: list[str] = []
    for name, content in files:
        (created if _written(folder / name, content) else kept).append(name)
    return Scaffolded(folder.resolve(), answers.name, answers.auth, tuple(created), tuple(kept))


def _names(source: Path) -> Iterator[str]:
    """Yield the example's files, relative, sorted."""
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        if path.is_file() and not _NOT_COPIED & set(name.parts):
            yield name.as_posix()


def _content(source: Path, name: str, project: str) -> bytes:
    """Return a file of the example; its README has the new project's name."""
    content = (source / name).read_bytes()
    if name != _README:
        return content
    text = content.decode().replace("# iris\n", f"# {project}\n", 1)
    return text.replace("--confirm iris", f"--confirm {project}").encode()


def _written(path: Path, content: bytes) -> bool:
    """Write a new file; return False if it exists."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return False
    except OSError as error:
        raise MldeployError("MLD123", f"can't write {path}: {error.strerror}") from error
    return True
