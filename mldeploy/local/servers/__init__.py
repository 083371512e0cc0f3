"""What all HTTP servers on this machine have in common: framing, limits, guard."""
