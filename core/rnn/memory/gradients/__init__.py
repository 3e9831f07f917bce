"""Derivatives of trained networks: of forecasts by earlier moves, and of losses by earlier states and by a weight."""
