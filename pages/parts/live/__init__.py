"""The live view of a run: drawn once for all who look, sent by the server, shown by one component."""
