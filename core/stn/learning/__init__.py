"""How networks learn, how their training is watched (vital signs, health), and how they are scored."""
