"""Where to paint: masks, and paint laid over the frame through them."""
