"""Sends hostile requests to the endpoint: `python -m tools.fuzz`, or `make fuzz`."""
