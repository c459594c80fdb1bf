"""Frames in and out: films through PyAV, pictures and sequences through OpenImageIO."""
