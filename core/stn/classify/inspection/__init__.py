"""What is measured of a trained classifier beside its answers: robustness curves, what its transformers do to a class."""
