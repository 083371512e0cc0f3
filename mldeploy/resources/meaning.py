"""What a release means, and whether a version that carries its id is that.

Whoever publishes a version by hand takes the release's id along, for it is a variable of the
function, whatever else was changed in it.
"""

from dataclasses import dataclass

from mldeploy.resources.base import Reads
from mldeploy.resources.function_settings import SETTINGS, Settings, read_settings
from mldeploy.resources.image_proof import proven
from mldeploy.resources.lambda_state import digest_of


@dataclass(frozen=True)
class Meaning:
    """A release's id, with all that goes into it.

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
    """Tell whether a version differs from the release that it carries: it wasn't published by us.

    Its image differs where ECR has another one under the release's tag; an image that is gone is
    judged elsewhere.
    """
    answer = reads.read("lambda", "get_function", FunctionName=function, Qualifier=number)
    if answer is None:
        return False
    found = read_settings(answer["Configuration"])
    if tuple(found[name] for name in SETTINGS) != meaning.settings:
        return True
    image = proven(meaning.repository, meaning.image, reads)
    return image is not None and image["imageDigest"] != digest_of(answer["Code"])
