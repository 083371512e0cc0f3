"""Names that the file and AWS share."""

import re

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""Project, stage and function names. `_` joins them in AWS and stays out of them, so that
project `a`, stage `b-c` and project `a-b`, stage `c` never meet."""

DEFAULT_HANDLER = "endpoint.handler:handle"
"""The handler that `image_template/` brings: the model as a JSON endpoint."""
