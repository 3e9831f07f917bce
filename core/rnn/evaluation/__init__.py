"""How good forecasts are, and how sure that is."""
