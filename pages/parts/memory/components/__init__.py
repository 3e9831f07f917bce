"""What is drawn in the browser on the screen inside a network: the price line with the day, and the unrolled network."""
