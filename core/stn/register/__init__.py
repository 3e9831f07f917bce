"""Registration: lay one picture over another by gradient descent through the sampler, coarse to fine."""
