"""A model's dependencies: packages, modules of the project, wheels."""
