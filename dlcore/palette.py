"""The book's colours: Okabe and Ito's set, darkened until each reads on white, with a twin for dark pages.

A colour keeps its meaning everywhere: in still figures, in live figures, in tinted words of the prose.
Figures are drawn in the light colours; the book swaps each for its dark twin, so a colour here must be unique.

Source: M. Okabe and K. Ito (2008), Color Universal Design.
"""

#: name -> (on light paper, on dark paper)
PALETTE = {
    "input": ("#0072b2", "#62b8ec"),  # blue: what goes in
    "weight": ("#a06500", "#e69f00"),  # orange: what is learned
    "activation": ("#007a59", "#2cc295"),  # green: what a unit answers
    "loss": ("#bf5300", "#ff8d4a"),  # vermilion: how wrong it is
    "gradient": ("#a23b78", "#e28fbf"),  # purple: which way to change
    "sky": ("#33789e", "#8fcdf0"),  # a second series, no fixed meaning
    "highlight": ("#c9b400", "#f0e442"),  # yellow: look here
    "ink": ("#1f2328", "#e4e2dd"),  # text, axes
    "muted": ("#646a73", "#a3a19b"),  # secondary text, ticks
    "grid": ("#dcdcd8", "#3a3d42"),  # hairlines
    "paper": ("#fffefb", "#16181c"),  # the page itself
}

#: Light paper and dark ink of pictures that look the same on light and on dark pages.
SHEET = ("#faf9f5", "#14161a")

LIGHT = {name: pair[0] for name, pair in PALETTE.items()}
DARK = {name: pair[1] for name, pair in PALETTE.items()}

#: Colours for classes 0, 1, 2 … of a classification, in this order.
CLASSES = [LIGHT[name] for name in ("input", "loss", "activation", "gradient", "weight", "sky")]
