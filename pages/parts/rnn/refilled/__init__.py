"""Forms of the market screens filled with the request of a run."""
