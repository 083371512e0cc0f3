"""Shared parts of the HTTP servers on this machine: framing, limits, guard."""
