"""Calls a model: by URL, through Lambda, or on this machine; and makes clients that do."""
