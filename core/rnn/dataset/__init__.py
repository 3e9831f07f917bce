"""From prices to what a model may see: target, features, series, splits."""
