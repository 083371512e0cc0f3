"""The commands: one module and one story each. Errors become exit codes."""
