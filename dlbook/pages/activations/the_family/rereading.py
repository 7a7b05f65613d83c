"""What is still to be read behind units that are only on or off, by a last layer that is fitted to them."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from dlbook.pages.activations.the_family import experiment


def right_when_cut(bend, k, cut):
    """Per cent of the test digits named rightly by network k's own last layer, and by a new one, fitted to the cut."""
    (_, y), _, (_, y_new) = experiment.digits()
    seen, new, (w, b) = experiment.on_or_off(bend, k, cut)
    own = ((new @ w + b).argmax(1) == y_new).mean()
    mean, spread = seen.mean(0), seen.std(0) + 1e-6
    fitted = LogisticRegression(max_iter=2000).fit((seen - mean) / spread, y)
    return 100 * np.array([own, fitted.score((new - mean) / spread, y_new)])
