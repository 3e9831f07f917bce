"""How the scripts of screens are run: one after the other, and what follows each."""
