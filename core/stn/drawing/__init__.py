"""What several experiments draw: grids, overlays, sheets of images and animations, made of numbers; and figures."""
