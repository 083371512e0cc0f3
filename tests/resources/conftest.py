"""The claims of `contract.py` are made in a module that pytest doesn't take for tests."""

import pytest

pytest.register_assert_rewrite("tests.resources.contract")
pytest.register_assert_rewrite("tests.resources.tagging")
