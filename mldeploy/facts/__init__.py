"""Facts about other systems, each with its source, and mldeploy's own thresholds."""
