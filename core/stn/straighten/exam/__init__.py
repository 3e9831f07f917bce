"""What a run is tested on besides distortions of its own photos: tilts as people make them, and new photos of the kind."""
