"""Local files: the project's, the user's, and temporary ones."""
