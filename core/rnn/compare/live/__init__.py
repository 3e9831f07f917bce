"""What a comparison that is alive shows: the ranking and the forecasts of the models that are done."""
