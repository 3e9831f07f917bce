"""The server's own addresses below /api, beside the screens: for load balancers, Prometheus and scripts, not for eyes."""
