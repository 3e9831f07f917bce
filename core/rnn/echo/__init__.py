"""The experiment echo: a signal of k days ago in noise, whose truth is known, and which network can learn it as k grows."""
