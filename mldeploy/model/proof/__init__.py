"""Verifies the endpoint against the estimator: expected predictions, requests, comparison."""
