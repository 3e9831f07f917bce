"""One's own pictures with classes, as several experiments ask for them."""
