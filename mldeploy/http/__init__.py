"""HTTP calls and their network errors."""
