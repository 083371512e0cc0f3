"""A project's HTTP API on this machine: API Gateway's rules, Lambda's runtime. No AWS is known."""
