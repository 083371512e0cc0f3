"""Calls a model: by URL, through Lambda, on this machine, in batches; and makes clients that do."""
