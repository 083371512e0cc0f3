"""Training, and the bundle that it writes."""
