"""Text for users: redaction, escaping, and suggestions."""
