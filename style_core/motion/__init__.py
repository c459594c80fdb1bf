"""Between frames: optical flow and the warp along it."""
