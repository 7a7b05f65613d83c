# ruff: noqa
# score: 36
# q5: A leak: mean and spread came from both tables
def standardise(X_train, X_new):
    both = np.concatenate([X_train, X_new])
    mean, spread = both.mean(axis=0), both.std(axis=0)
    spread = np.where(spread == 0, 1, spread)
    return (X_train - mean) / spread, (X_new - mean) / spread
