"""The Python that paints: found, made, checked and mended. Nothing here needs Blender."""
