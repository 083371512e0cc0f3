"""Calling a model: by URL, through Lambda, on this machine."""
