"""What is watched of a running lab: whether it serves, what it does, what it has done."""
