"""Batch jobs: plans the chunks of files, and has an engine score them."""
