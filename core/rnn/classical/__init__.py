"""The forecasters without a network."""
