"""What every way of taking a network away shares: weights file, ONNX graph, stand-alone program, parity report."""
