"""Looking at a photo again and again: what the network sees, how theta is composed, and how far it is believed."""
