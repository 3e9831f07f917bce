"""From a table of text to bars: its rows, which column is what, its dates and numbers, and which rows are left out."""
