"""Families of classes: from fitted estimators to the nodes of `endpoint.compiled`.

A module has CONVERTERS, functions by the names of the classes; TREES if its estimators have trees.
"""
