"""What every figure has, whatever it shows: its data as a table, its words as letters, its signs and dates."""
