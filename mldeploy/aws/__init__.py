"""The only access to boto3: clients, waits, rate limits, error translation."""
