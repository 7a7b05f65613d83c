"""Devices, for scripts that ask for them: all computing here is done on the processor."""

from dlcore.absent import asked


class device(str):  # noqa: N801
    """The name of a device; there is only "cpu". Twin: torch.device.

    >>> device("cuda" if is_available() else "cpu").type
    'cpu'
    """

    __slots__ = ()

    def __new__(cls, name: str = "cpu") -> "device":
        if not str(name).startswith("cpu"):
            raise RuntimeError(f"device: dlcore computes on the processor only, so expected 'cpu', but got {name!r}")
        return super().__new__(cls, name)

    @property
    def type(self) -> str:
        """The kind of device, without a number."""
        return "cpu"


def is_available() -> bool:
    """Whether there is a graphics card to compute on: never. Twin: torch.cuda.is_available."""
    return False


__path__: list[str] = []  # … and below
__getattr__ = asked(__name__)  # what else PyTorch has here
