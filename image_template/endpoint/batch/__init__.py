"""Batch jobs: scores files in chunks, with the code that responds to requests.

Loaded for the events of a batch job only; an endpoint that never gets one imports nothing of it.
"""
