"""How large pictures are decoded without taking more memory than there is: in turns, and made smaller strip by strip."""
