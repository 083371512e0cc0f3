"""Container images: their contents, builders and runners."""
