"""How steady and how strongly a film is painted, in numbers and pictures."""
