"""The experiment collapse: one small straightening, trained in a few settings at once until some break, and why they do."""
