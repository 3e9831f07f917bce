"""The experiment straighten: a network learns from upright photos to turn tilted ones upright."""
