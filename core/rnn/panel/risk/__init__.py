"""How uncertain a panel's forecasts are: intervals around them, what they say of large losses, and what they were worth."""
