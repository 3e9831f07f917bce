"""Who looks at a screen: known by a cookie or a sign-in, and the menu beside the title in which they say so."""
