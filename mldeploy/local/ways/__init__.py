"""The ways to run functions on this machine: containers and processes."""
