"""Evaluation of models: fits, folds, metrics, the baseline."""
