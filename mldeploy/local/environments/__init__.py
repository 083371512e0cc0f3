"""Lambda's execution environments on this machine: processes and containers."""
