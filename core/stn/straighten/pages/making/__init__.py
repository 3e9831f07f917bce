"""How the weights for pages were made: sheets drawn with free fonts, scanned with faults, and a training on them."""
