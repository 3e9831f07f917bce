"""Gridcast's laboratory without its screens: everything here runs from a notebook, a shell or a worker."""
