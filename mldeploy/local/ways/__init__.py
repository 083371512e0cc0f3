"""The ways in which functions run on this machine, and how a model becomes one that runs."""
