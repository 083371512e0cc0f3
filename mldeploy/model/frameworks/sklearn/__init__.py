"""scikit-learn, and libraries with its API."""
