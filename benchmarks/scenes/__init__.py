"""The four scenes of `benchmarks.clips`: how they are painted, built, moved and measured."""
