"""What a report shows of a model, as plain data, computed in the training process.

Nothing here contains a row of the training data: see docs/privacy.md.
"""
