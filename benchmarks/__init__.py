"""How fast the engine is, beside others, on the machine at hand."""
