"""A report as one HTML file, and a model card, made of a bundle's data."""
