"""The gate: a compiled model predicts what the fitted estimator predicts, or isn't served.

`rows.py` makes rows from those of training, `paths.py` for every split of every tree. The estimator
answers them here (`asking.py`), the compiled model in a clean process with NumPy alone
(`clean.py`). `judging.py` compares. Labels must be equal, numbers within 1e-9, and the same rows
must raise errors.
"""
