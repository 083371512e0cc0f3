"""Does the endpoint answer what the estimator says? The truth, the requests, the comparison."""
