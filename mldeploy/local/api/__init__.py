"""API Gateway's HTTP APIs on this machine."""
