"""The quiet words under a figure that save it: SVG, PNG, and its data as CSV."""
