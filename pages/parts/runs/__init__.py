"""What the list of runs is made of: the table, and what can be done with the chosen rows."""
