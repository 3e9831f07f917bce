"""Pictures made of numbers, without Plotly: grids, overlays, sheets of images, animations."""
