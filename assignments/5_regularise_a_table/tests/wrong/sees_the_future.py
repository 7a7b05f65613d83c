# ruff: noqa
# score: 37
# q8: It looks into the future
def early_stopping(losses, patience):
    best, bad = losses[0], 0
    for epoch, loss in enumerate(losses):
        best, bad = (loss, 0) if loss < best or epoch == 0 else (best, bad + 1)
        if bad == patience:
            break
    return int(np.argmin(losses)), epoch
