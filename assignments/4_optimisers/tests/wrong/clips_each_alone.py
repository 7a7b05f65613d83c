# ruff: noqa
# score: 39
# q9: Every array was shortened on its own
def clip(gs, longest):
    out = []
    for g in gs:
        length = np.linalg.norm(g)
        out.append(g * longest / length if length > longest else g)
    return out
