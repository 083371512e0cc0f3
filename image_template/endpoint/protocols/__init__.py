"""Paths of other protocols in addition to the endpoint's own route; V2 has its own package."""
