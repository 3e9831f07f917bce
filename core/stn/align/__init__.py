"""The experiment align: a stack of images of one kind, laid on top of each other."""
