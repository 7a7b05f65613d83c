"""The table of the page "The same in PyTorch": which check finds which bug."""

import numpy as np

from dlcore import viz
from dlcore.palette import LIGHT


def found(rows, columns, signs):
    """Draw which check finds which bug.

    Args:
        rows, columns: names of the scripts and of the checks.
        signs: (scripts, checks, starts), −1 for too low, 1 for too high, 0 for no alarm.
    """
    ax = viz.panels(1, size=(4.6, 4.6))[0]
    for r, c in np.ndindex(signs.shape[:2]):
        alarms = signs[r, c]
        if alarms.any():
            always = alarms.all()
            colour = LIGHT["loss" if alarms[alarms != 0][0] > 0 else "input"]
            ax.plot(c, r, "^v"[int(alarms.sum() < 0)], color=colour, ms=8, mfc=colour if always else "none")
    ax.set_xticks(range(len(columns)), columns, rotation=55, ha="left", rotation_mode="anchor")
    ax.xaxis.tick_top()
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xlim=(-0.6, len(columns) - 0.4), ylim=(len(rows) - 0.4, -0.6))
    ax.tick_params(labelsize=10)
    ax.grid(True, lw=0.5)
    return ax.figure
