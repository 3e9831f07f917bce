"""The experiment locate: where in a scene is the thing that all scenes share (Jaderberg et al. 2015, appendix A.2)."""
