"""What an extension notes of each page that is read: kept with Sphinx's environment, forgotten and merged with it."""


class PageNotes:
    """page → whatever is noted, under a name of its own in the environment."""

    def __init__(self, name):
        self.name = name

    def of(self, env):
        """All notes, by page; what is put in stays."""
        if not hasattr(env, self.name):
            setattr(env, self.name, {})
        return getattr(env, self.name)

    def connect(self, app):
        """Forget a page that is read again, and take over what other processes have read."""
        app.connect("env-purge-doc", self._forget)
        app.connect("env-merge-info", self._merge)

    def _forget(self, app, env, docname):
        self.of(env).pop(docname, None)

    def _merge(self, app, env, docnames, other):
        self.of(env).update({page: noted for page, noted in self.of(other).items() if page in docnames})
