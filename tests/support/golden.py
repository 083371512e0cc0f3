"""Golden examples, asked of a handler as a deploy asks a version."""

import json
from collections.abc import Callable
from typing import Any

from mldeploy.model.golden import Golden


def problems(handler: Callable[[Any, Any], Any], golden: Golden) -> list[str]:
    """Return what is wrong with a handler's answers, which go through JSON as Lambda's do."""
    answers = [json.loads(json.dumps(handler(event, None))) for event in golden.events()]
    return golden.problems(answers)
