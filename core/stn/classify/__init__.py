"""The experiment classify: classifiers with and without spatial transformers learn the same labelled images."""
