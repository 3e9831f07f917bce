"""What needs no network: doing nothing, the classical way for pages, and pictures that nobody can straighten."""
