"""Compiles fitted estimators to NumPy, and proves that both predict the same.

`converting.py` makes nodes of an estimator: `families/` has a module per family of classes, named
like the module in `image_template/endpoint/compiled` whose nodes it makes. It converts exactly the
classes and options that it knows. `saving.py` writes the nodes, `gate/` compares them with the
estimator, and `compiling.py` has the whole sequence. A model that isn't compiled is served as the
fitted estimator.
"""
