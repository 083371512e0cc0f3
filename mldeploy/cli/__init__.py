"""One module a command, each a story; `app` runs them."""
