"""A network that straightens pages at once, with weights that come with the lab, beside the way that reads lines of text."""
