"""One picture under one theta, and what follows from it: the screen /warp and the command `warp`."""
