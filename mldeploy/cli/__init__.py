"""The commands, one module each, and the library's `save`. Errors become exit codes."""
