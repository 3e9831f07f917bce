"""What the screen inside a recurrent network is made of: the chosen network and day, and one file a section."""
