"""The style pictures that come with Stylestrip: each is painted by a file of its own here, out of numbers alone."""
