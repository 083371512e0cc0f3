"""Files of this machine: the project's, the user's, and temporary ones."""
