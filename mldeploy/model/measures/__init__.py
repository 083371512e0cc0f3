"""How good a model is: fits, folds, metrics, the baseline."""
