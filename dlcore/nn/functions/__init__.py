"""The functions of dlcore.nn.functional, by subject."""
