"""The data of `data()`: columns, their types, and informative rows."""
