"""The settings of a release, and whether a version with its id has them.

A version published manually also has the release's id, because the id is a variable of the
function, even if other settings were changed.
"""

from dataclasses import dataclass

from mldeploy.resources.base import Reads
from mldeploy.resources.function_settings import SETTINGS, Settings, read_settings
from mldeploy.resources.image_proof import proven
from mldeploy.resources.lambda_state import digest_of


@dataclass(frozen=True)
class Meaning:
    """A release's id and the settings that it is derived from.

    Attributes:
        release: the id.
        settings: see `function_settings`.
        repository: of the image, in ECR.
        image: its tag.
    """

    release: str
    settings: Settings
    repository: str
    image: str


def is_by_hand(function: str, number: str, meaning: Meaning, reads: Reads) -> bool:
    """Return whether a version differs from its release, so that mldeploy didn't publish it.

    Its image differs if ECR has another one with the release's tag; images that are gone are
    handled elsewhere.
    """
    answer = reads.read("lambda", "get_function", FunctionName=function, Qualifier=number)
    if answer is None:
        return False
    found = read_settings(answer["Configuration"])
    if tuple(found[name] for name in SETTINGS) != meaning.settings:
        return True
    image = proven(meaning.repository, meaning.image, reads)
    return image is not None and image["imageDigest"] != digest_of(answer["Code"])
