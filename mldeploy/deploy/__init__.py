"""From configuration and bundle to a live release."""
