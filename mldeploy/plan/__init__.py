"""What AWS has, how it differs from what is desired, and how that is applied."""
