"""The finished runs on the home screen, as bundles. `python -m core.examples` trains them again."""
