"""What a ticker cost, wherever it comes from: shipped samples, Yahoo, CSV files."""
