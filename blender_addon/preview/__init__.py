"""The preview: some frames of a strip painted in seconds, and the paint beside what it was painted from."""
