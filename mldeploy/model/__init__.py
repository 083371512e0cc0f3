"""The model: training, its proof, what it needs to run, and the bundle."""
