"""What screens share; stn, rnn and warp hold what one screen is made of."""
