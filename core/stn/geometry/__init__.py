"""What a theta is, and how a picture is read through it (Jaderberg et al. 2015, sections 3.2 and 3.3). Nothing here learns."""
