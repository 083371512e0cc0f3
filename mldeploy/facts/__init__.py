"""Facts about the outside world, each with its source; the thresholds that are our own choice."""
