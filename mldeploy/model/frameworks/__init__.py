"""Model frameworks for training and importing, one adapter each."""
