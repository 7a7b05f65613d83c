# ruff: noqa
# score: 39
# q5: A column that never changes has spread 0
def standardise(X_train, X_new):
    mean, spread = X_train.mean(axis=0), X_train.std(axis=0)
    return (X_train - mean) / spread, (X_new - mean) / spread
