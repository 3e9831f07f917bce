"""What is learned with classes, as several experiments ask for it: digits, and one's own pictures."""
