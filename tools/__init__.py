"""Programs for developing mldeploy; none of them ships."""
