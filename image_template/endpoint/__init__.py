"""The endpoint inside the image: requests in, predictions out. It knows nothing of mldeploy."""
