"""A trace as it is read step by step: the network unrolled, the terms of one unit, and the formulas with its numbers."""
