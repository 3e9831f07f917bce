"""What the screen of parts is made of."""
