"""The recurrent bench on the screen: where prices come from, what is asked of them, and what a comparison found."""
