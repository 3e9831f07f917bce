"""Before and after in one place, with a divider between them that is dragged."""
