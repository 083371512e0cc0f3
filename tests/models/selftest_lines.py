"""Lines for the harness's own tests."""
from tests.models.line import Line
SELF_TEST: dict[str, Line] = {}
