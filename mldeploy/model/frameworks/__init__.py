"""Model frameworks: what training and importing know of each, one adapter each."""
