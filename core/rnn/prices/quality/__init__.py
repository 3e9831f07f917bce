"""What prices of any source cannot be: bars that contradict themselves, prices that stand still, moves that are no returns."""
