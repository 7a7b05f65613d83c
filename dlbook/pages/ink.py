"""What the drawings of several pages write and draw with: words and arrows on a sheet with coordinates of its own."""

from dlcore.palette import LIGHT


def write(ax, x, y, words, **look):
    """Write words around a point, in ink, at the size that a phone still shows well."""
    ax.text(x, y, words, **{"va": "center", "ha": "center", "fontsize": 10, "color": LIGHT["ink"]} | look)


def arrow(ax, start, end, y):
    """Draw a quiet arrow along a row: this number comes from that one."""
    look = {"arrowstyle": "-|>", "color": LIGHT["muted"], "lw": 1, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=(end, y), xytext=(start, y), arrowprops=look)
