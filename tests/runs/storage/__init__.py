"""Where stored files lie."""
