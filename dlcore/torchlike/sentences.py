"""What PyTorch has and dlcore has not, and what to write instead."""

#: name: what dlcore has not; what to do.
ABSENT = {
    **dict.fromkeys(
        ("sparse", "sparse_coo_tensor", "sparse_csr_tensor", "to_sparse", "to_dense", "coalesce", "is_sparse_csr"),
        ("sparse tensors", "write the dense one: m = zeros(n, k); m[rows, columns] = values"),
    ),
    **dict.fromkeys(
        (
            *("complex", "complex64", "complex128", "view_as_complex", "view_as_real", "polar", "fft", "stft"),
            *("istft", "real", "imag", "angle", "conj", "is_complex"),
        ),
        ("complex numbers", "write real and imaginary part as two tensors, or use NumPy: np.fft.rfft(x.numpy())"),
    ),
    **dict.fromkeys(
        ("jit", "fx", "export", "_dynamo", "_inductor", "package"),
        ("recorded programs", "call the model itself, or dlcore.compile(model), which keeps its program"),
    ),
    **dict.fromkeys(
        ("onnx",),
        (
            "export to ONNX",
            "let PyTorch's twin load the weights, theirs.load_state_dict(ours.state_dict()), and export it",
        ),
    ),
    **dict.fromkeys(
        ("init_process_group", "all_reduce", "broadcast", "barrier", "spawn", "multiprocessing", "rpc", "launch"),
        ("several processes", "leave the call out: one process trains on the whole batch"),
    ),
    **dict.fromkeys(
        ("quantization", "quantize_per_tensor", "ao", "qint8", "bfloat16"),
        ("such small numbers", "write float32, or float16 to save memory"),
    ),
    **dict.fromkeys(
        ("tensorboard", "SummaryWriter"),
        ("TensorBoard", "keep the numbers in a list and draw them, or install tensorboardX"),
    ),
    **dict.fromkeys(
        ("profiler", "bottleneck"), ("a profiler of its own", "use Python's: python -m cProfile -s cumtime script.py")
    ),
    **dict.fromkeys(("hub", "model_zoo"), ("downloads of models", "load a file that you have: load('weights.pth')")),
    **dict.fromkeys(
        ("func", "vmap", "jacrev", "jacfwd", "jvp", "functional_call"),
        ("transformed functions", "write a loop over autograd.grad, or a batch axis and broadcasting"),
    ),
    **dict.fromkeys(
        ("create_graph", "hvp", "vhp"),
        ("graph of a gradient", "take differences of gradients, as autograd.functional.hessian does"),
    ),
    "inputs": ("backward to a few leaves alone", "write grads = autograd.grad(loss, leaves)"),
    "cuda": ("graphics cards", "leave .cuda() out, or write .to(device) with device = 'cpu'"),
    "checkpoint": ("recomputation in the backward pass", "call the function itself: it costs memory, not correctness"),
    "Conv3d": ("layers for volumes", "treat depth as time or as channels: Conv2d on (N·D, C, H, W)"),
    "set_default_tensor_type": ("a default device", "leave the line out; float32 is the default"),
    "share_memory_": ("several processes", "leave the call out"),
    "share_memory": ("several processes", "leave the call out"),
}


def sentence(module: str, name: str) -> str:
    """Say that dlcore has no such name, and what to do.

    >>> print(sentence("dlcore", "jit"))
    torch.jit is PyTorch's; dlcore has no recorded programs; call the model itself, or dlcore.compile(model), which
    keeps its program. (Or run this script with PyTorch.)
    """
    theirs = module.replace("dlcore", "torch", 1)
    known = "onnx" if module == "dlcore.onnx" else name
    if known not in ABSENT:
        return (
            f"dlcore has no {module.removeprefix('dlcore').lstrip('.') or 'dlcore'}.{name}; if {theirs}.{name} is "
            "PyTorch's, write it with what there is (see dir()), or run this script with PyTorch."
        ).replace(" dlcore.", " ")
    what, write = ABSENT[known]
    return f"{theirs}.{name} is PyTorch's; dlcore has no {what}; {write}. (Or run this script with PyTorch.)"
