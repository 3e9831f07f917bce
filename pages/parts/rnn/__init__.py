"""Screen parts of the recurrent forecasters: the forms of prices and comparisons, and results of compare, sweep and traps."""
