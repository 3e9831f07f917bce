"""Who uses the lab, which runs are theirs, and what each may do. Knows neither the database nor the screen."""
