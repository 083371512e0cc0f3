"""Paths of other protocols beside the endpoint's own route; V2 has a package of its own."""
