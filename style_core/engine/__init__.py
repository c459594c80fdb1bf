"""The mathematics of one image: encoder, losses, solver."""
