"""The HTTP API: what it is made of, how it is read, and how it is changed."""
