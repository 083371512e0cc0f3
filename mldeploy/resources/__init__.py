"""One module per kind of AWS resource; kinds don't import each other."""
