"""What differs between Blender's versions, and strips to files and back."""
