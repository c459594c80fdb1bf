"""Regions of a strip: what they are set to, where their mattes come from, and the list of them."""
