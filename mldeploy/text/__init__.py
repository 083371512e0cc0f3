"""Text for people: what may be shown, what is hidden, what was probably meant."""
