"""Parts of the panel's screen: its form, the groups of its result, and what these share."""
