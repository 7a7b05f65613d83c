"""torch.onnx can be imported, as scripts do that export only when they are asked to; it has nothing in it."""

__all__: list[str] = []
