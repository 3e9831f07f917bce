"""The experiment memory: what trained networks keep of the days that they read, beside networks that learned shuffled days."""
