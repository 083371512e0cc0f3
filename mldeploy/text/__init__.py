"""Text: redaction, escaping and suggestions for users; data as text; digests of content."""
