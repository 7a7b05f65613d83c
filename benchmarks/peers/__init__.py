"""The same training steps with other libraries, as their documentation would write them; each where it is installed."""
