"""Pictures and digits: how they are read, split, labelled and distorted at random."""
