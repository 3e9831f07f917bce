"""The spatial experiments on the screens: `<kind>.py` asks for a run, `<kind>_result.py` shows a finished one.

The keys of widgets are names in the URL and shared by all experiments of the bench, so they begin with the kind
(`key="align_family"`); the plain ones belong to straighten.
"""
