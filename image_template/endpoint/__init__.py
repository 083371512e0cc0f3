"""The endpoint inside the image: from requests to predictions. It imports nothing of mldeploy."""
