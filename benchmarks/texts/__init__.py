"""One text per architecture, written for dlcore; the harness runs it for PyTorch too, by changing that one word."""
