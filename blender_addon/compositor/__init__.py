"""The Neural Style node of the compositor: its inside, its settings, and what paints its frames."""
