"""Operators and panels of the video editor."""
