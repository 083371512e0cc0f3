"""The HTTP API: its parts, and how they are read and changed."""
