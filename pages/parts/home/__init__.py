"""What the first page is made of: two runs that move, and what they say."""
