"""dlcore beside PyTorch and other peers: whole training steps in one interleaved run. `python -m benchmarks --help`."""
