"""The answers to the questions of `init`, and the mldeploy.toml that they make."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from mldeploy.config import Auth, FunctionConfig, limits
from mldeploy.errors import MldeployError
from mldeploy.facts.quotas import MEMORY, ROLE_NAME_LENGTH

CONFIG = "mldeploy.toml"
TRAIN = "train.py"
_LONGEST_DEFAULT = 24

_AUTH_COMMENT = {
    "none": '# PUBLIC: anyone who knows the URL may call it. "iam" accepts signed requests only.',
    "iam": "# Only requests signed with AWS credentials that may call execute-api:Invoke.",
}

_CONFIG = """\
# The settings of this project. `mldeploy explain configuration` prints every key, its default and
# its limits. Flags and MLDEPLOY_* variables override this file.

[project]
name = "{name}"
{region}
{train}# python = "3.12"            # default: the Python that trains
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


def default_name(folder: Path) -> str:
    """Return a valid project name derived from a folder's name."""
    plain = unicodedata.normalize("NFKD", folder.absolute().resolve().name)
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode().lower())
    name = "-".join(words)[:_LONGEST_DEFAULT].rstrip("-")
    if not name:
        return "my-model"
    return name if name[0].isalpha() else f"model-{name}"[:_LONGEST_DEFAULT].rstrip("-")


def checked(answers: Answers, function: str = "predict") -> Answers:
    """Return the answers if the resulting file is valid.

    Args:
        answers: of the user.
        function: the longest name of a function in the file.

    Raises:
        MldeployError: MLD102 with the first invalid answer.
    """
    longest = f"mldeploy_{answers.name}_dev_{function}_{answers.region}".rstrip("_")
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


def render_config(answers: Answers, train: str = TRAIN) -> str:
    """Return the text of mldeploy.toml. `train`: the train module."""
    return _CONFIG.format(
        name=answers.name,
        region=region_line(answers.region),
        train=f'train = "{train}"\n' if train != TRAIN else "",
        memory=f"{answers.memory}",
        timeout=FunctionConfig.timeout,
        comment=auth_comment(answers.auth),
        auth=answers.auth,
    )


def region_line(region: str) -> str:
    """Return the line with the region, or the comment in its place for the profile's own."""
    if region:
        return f'region = "{region}"'
    return '# region = "eu-central-1"    # default: AWS_REGION, then the profile\'s'


def auth_comment(auth: Auth) -> str:
    """Return the comment above `auth`, which says who may call the endpoint."""
    return _AUTH_COMMENT[auth]
