"""The address of a screen: copied by a button, and links of earlier versions."""
