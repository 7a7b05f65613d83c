# ruff: noqa
# score: 36
# q10: The penalty is in it
def choose(X_valid, y_valid, decays, W, b):
    losses = [loss_and_slopes(X_valid, y_valid, W[k], b[k], decays[k])[0] for k in range(len(W))]
    return decays[int(np.argmin(losses))], losses
