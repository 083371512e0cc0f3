"""Creates projects."""
