"""What all processes of a test run share."""

SHARED = "TESTS_SHARED_FOLDER"
"""The variable that names their folder; tests/conftest.py sets it."""
