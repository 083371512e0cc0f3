"""Typed clients of a model, which maintained generators make from its OpenAPI document."""
