"""Recurrent forecasters: does any network forecast this ticker better than a random walk?"""
