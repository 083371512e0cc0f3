"""What a model needs to run: packages, modules of the project, wheels."""
