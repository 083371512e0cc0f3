"""HTTP calls, and what keeps this machine from making them."""
