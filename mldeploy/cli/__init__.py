"""The commands, one module each. Errors become exit codes."""
