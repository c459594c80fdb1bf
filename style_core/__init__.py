"""The painter: neural style transfer of pictures and films. Never imports bpy; useful alone, from a shell or a farm."""

__version__ = "0.1.0"
