"""Models that were fitted elsewhere: files, examples, the types of their columns."""
