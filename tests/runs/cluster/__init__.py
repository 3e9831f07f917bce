"""A cluster of processes that the lab has not started, by the very lines of docs/DEPLOY.md."""
