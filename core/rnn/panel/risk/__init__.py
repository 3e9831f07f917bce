"""How uncertain a panel's forecasts are: intervals around them, and what they say of large losses."""
