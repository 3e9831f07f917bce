"""The parts of the warp screen: the stage with both pictures, the panels below it, the state in the URL."""
