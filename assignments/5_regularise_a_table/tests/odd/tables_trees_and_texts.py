# ruff: noqa
# score: 40
# Right in another style: dataclasses, lists, Newton's method with a ridge, booleans.
from dataclasses import dataclass

w_q1 = list(map(float, (w_a - rate * (g_a + decay * w_a), w_b - rate * (0 + decay * w_b))))
dropped_q2 = tuple(0 if not k else h / (1 - p) for h, k in zip((h1, h2, h3, h4), keep))
ignorance_q3 = np.float32(np.round(ignorance_q3, 3))


def split(X, y, order, n_valid):
    mixed = np.column_stack([X, y])[order]
    valid, training = np.vsplit(mixed, [n_valid])
    return training[:, :-1], training[:, -1], valid[:, :-1], valid[:, -1]


@dataclass
class Scale:
    middle: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, X):
        spread = np.sqrt(np.mean((X - X.mean(0)) ** 2, 0))
        return cls(X.mean(0), spread + (spread < 1e-9))

    def __call__(self, X):
        return ((X - self.middle) / self.spread).tolist()


def standardise(X_train, X_new):
    scale = Scale.of(X_train)
    return scale(X_train), scale(X_new)


def predict(X, y, X_new):
    scale = Scale.of(X)
    A, B = (np.insert(np.array(scale(part)), 0, 1.0, axis=1) for part in (X, X_new))
    theta, ridge = np.zeros(A.shape[1]), 6.0 * (np.arange(A.shape[1]) > 0)
    for _ in range(8):
        q = sigmoid(A @ theta)
        theta = theta - np.linalg.solve(A.T * (q * (1 - q)) @ A + np.diag(ridge), A.T @ (q - y) + ridge * theta)
    return sigmoid(B @ theta).tolist()


class Dropout:
    def __call__(self, h, u, p, training=True):
        mask = np.where(training and (u < p), 0, 1 / (1 - p if training else 1))
        return h * mask, mask + 0 * h


dropout = Dropout()
