"""Pages and documents about the endpoint: one module per path, imported at its first request."""
