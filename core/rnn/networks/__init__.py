"""The recurrent forecasters: their cells, losses, gates, and how one learns."""
