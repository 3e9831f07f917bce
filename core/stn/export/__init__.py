"""What the exports of all networks share: weights file, ONNX graph, stand-alone program, parity report."""
