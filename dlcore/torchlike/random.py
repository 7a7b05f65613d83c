"""torch.random: the default generator, by functions that stand at the front door too."""

from dlcore.rng import fork_rng, manual_seed
from dlcore.torchlike.functions import get_rng_state, initial_seed, seed, set_rng_state

__all__ = ["fork_rng", "get_rng_state", "initial_seed", "manual_seed", "seed", "set_rng_state"]
