"""The experiment parts: several attention transformers side by side on real images (Jaderberg et al. 2015, section 4.3)."""
