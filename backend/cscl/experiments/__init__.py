"""The evidence: arms trained on simulated scenes of different seeds, scored against their truth."""
