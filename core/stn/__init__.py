"""Spatial transformers: learn where to look."""
