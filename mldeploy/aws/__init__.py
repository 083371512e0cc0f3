"""The only door to boto3: clients, waits, rates, error translation."""
