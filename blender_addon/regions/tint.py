"""A matte as a tint over the picture that it belongs to. Needs a window."""

from gpu.types import Buffer, GPUTexture

from ..arrays import np

# Red, green and blue of what lies inside and of the line along the edge, and how much of each is seen.
INSIDE, SHARE = (1.0, 0.12, 0.22), 0.42
EDGE, EDGE_SHARE = (1.0, 0.95, 0.6), 0.9
# Half and more of white is inside.
HALF = 0.5
LONGEST = 960


def tint_of(matte: np.ndarray) -> GPUTexture:
    """The texture of a matte (H, W) uint8: a see-through colour inside, and a line along the edge."""
    every = max(1, -(-max(matte.shape) // LONGEST))
    share = matte[::every, ::every].astype(np.float32) / 255
    line = edge_of(share >= HALF)
    rgba = np.empty((*share.shape, 4), np.float32)
    rgba[..., :3] = np.where(line[..., None], np.float32(EDGE), np.float32(INSIDE))
    rgba[..., 3] = np.where(line, EDGE_SHARE, SHARE * share)
    return GPUTexture(share.shape[::-1], format="RGBA16F", data=Buffer("FLOAT", rgba.size, rgba.ravel()))


def edge_of(inside: np.ndarray) -> np.ndarray:
    """The pixels inside (H, W) that have a neighbour outside; the border of the picture is no edge."""
    padded = np.pad(inside, 1, mode="edge")
    within = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return inside & ~within
