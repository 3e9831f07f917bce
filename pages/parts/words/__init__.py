"""What words mean, beside where they stand."""
