"""scikit-learn, and whatever speaks its API."""
