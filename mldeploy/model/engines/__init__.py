"""Training on a distributed engine: joblib's tasks of a fit run on Dask or Ray."""
