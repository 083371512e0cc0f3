"""Hostile requests against the endpoint: `python -m tools.fuzz`, or `make fuzz`."""
