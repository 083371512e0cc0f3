"""Observes AWS, compares it with the desired resources, and applies the differences."""
