"""Whole uploads to pictures: bounded together, in processes of their own, large ones made smaller strip by strip."""
