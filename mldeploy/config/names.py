"""Names used in the file and in AWS."""

import re

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""The pattern of project, stage and function names. They contain no `_`, which joins them in AWS,
so that project `a`, stage `b-c` and project `a-b`, stage `c` get different names.
"""

DEFAULT_HANDLER = "endpoint.handler:handle"
"""The handler of `image_template/`: the model as a JSON endpoint."""
