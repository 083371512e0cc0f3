"""A project's HTTP API on this machine: API Gateway's behavior and Lambda's runtime."""
