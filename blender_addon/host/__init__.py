"""Where Blender is met: its versions' differences, and strips to and from files."""
