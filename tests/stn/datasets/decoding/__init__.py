"""Tests of what uploads are made into pictures with."""
