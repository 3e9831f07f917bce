"""One cell by hand: a vanilla, LSTM or GRU cell of one unit, whose few weights and six values are all chosen."""
