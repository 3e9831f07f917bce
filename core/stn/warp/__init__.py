"""One picture under one theta, looked at from all sides: the screen /warp and the command `warp`."""
