"""The player, as plain scripts that `dlbook.live.markup` joins in order; and its style sheet."""
