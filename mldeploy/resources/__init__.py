"""One file for each kind of AWS resource; kinds never import one another."""
