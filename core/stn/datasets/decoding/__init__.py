"""Whole uploads to pictures: bounded together, in processes of their own; pages, levels, colours, and classes by folders."""
