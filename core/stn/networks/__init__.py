"""The networks of the paper: localisation network, spatial transformer, classifiers, and their weights as arrays."""
