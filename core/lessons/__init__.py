"""Lessons for a class: short tasks, each a link to a screen and a check that it was done; written in one YAML or JSON file."""
