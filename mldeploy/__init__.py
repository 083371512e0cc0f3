"""mldeploy: from a scikit-learn pipeline on a laptop to an HTTPS endpoint."""

__version__ = "0.1.0"
