"""What the endpoint says of itself; a module each, imported when it is first asked for."""
