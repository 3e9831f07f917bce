"""Reading in processes whose memory and time are bounded."""
