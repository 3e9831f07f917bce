"""What a worker of the cluster does."""
