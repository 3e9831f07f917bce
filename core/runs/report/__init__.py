"""A finished run to take away: one HTML file that needs no network, a notebook that does the run again, tables with words."""
