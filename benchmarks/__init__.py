"""Measurements. Ratios are taken side by side in one run; results keep the machine and the commit."""
