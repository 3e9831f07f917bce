"""What is measured of a trained classifier beside its answers: robustness curves, and what its transformers do to each class."""
