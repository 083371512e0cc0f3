"""The proof of one promise: stopped anywhere, by anything, the next run finishes the work."""
