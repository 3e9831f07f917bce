"""What screens about digits share: MNIST where it is stored, and the errors of the paper beside ours."""
