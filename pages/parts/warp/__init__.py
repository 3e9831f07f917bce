"""The parts of the screen on which an image is bent by hand, one noun a file."""
