"""`python -m benchmarks`: measure dlcore beside its peers, print the tables, fail where a floor is missed."""

import argparse
import json
import os
import sys

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
PINS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
PARTS = ("speed", "memory", "import", "growth")


def prepare(kernels=None):
    """One thread for everybody, and for NumPy the named kernels or its own choice; to be called before it is imported.

    An environment may pin NumPy's OpenBLAS to the kernels of another processor, so that every machine gives the same
    bits. PyTorch's products are not pinned by that, and the race would be against another processor.
    """
    os.environ.update(dict.fromkeys(THREADS, "1"))
    for name in PINS:
        os.environ.pop(name, None)
    if kernels:
        os.environ["OPENBLAS_CORETYPE"] = kernels


def arguments():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all unless named")
    parser.add_argument("--workload", action="append", help="only this one (may be repeated)")
    parser.add_argument("--peers", help="comma-separated, torch.compile among them; PyTorch is always there")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=15.0, help="at most, for the rounds of one workload")
    parser.add_argument("--kernels", help="of OpenBLAS, such as Haswell; those that NumPy chooses itself unless named")
    parser.add_argument("--json", metavar="FILE", help="write everything measured there")
    parser.add_argument("--one-memory", nargs=2, metavar=("PEER", "WORKLOAD"), help=argparse.SUPPRESS)
    return parser.parse_args()


def chosen(names):
    from benchmarks.workloads import WORKLOADS

    unknown = set(names or ()) - {w.key for w in WORKLOADS}
    if unknown:
        sys.exit(f"no workload {', '.join(sorted(unknown))}; there are {', '.join(w.key for w in WORKLOADS)}")
    return [w for w in WORKLOADS if not names or w.key in names]


def machine():
    """Versions, and the kernels that NumPy's linear algebra has chosen for this processor."""
    import numpy as np
    import torch

    blas = "unknown"
    try:
        from threadpoolctl import threadpool_info

        blas = ", ".join(i["architecture"] for i in threadpool_info() if i["internal_api"] == "openblas")
    except ImportError:
        pass
    python = sys.version.split()[0]
    return f"Python {python}, NumPy {np.__version__} (OpenBLAS kernels: {blas}), PyTorch {torch.__version__}"


def speed(workloads, args):
    from benchmarks.harness import OPTIONAL, REQUIRED, run

    peers = [*REQUIRED, *OPTIONAL]
    if args.peers:
        peers = ["torch"] + [p for p in args.peers.split(",") if p != "torch"]
    print("Whole training steps in one thread, speed beside PyTorch = 1: median (quartiles) of the rounds' ratios")
    print(f"{machine()}\n")
    results = []
    for w in workloads:
        r = run(w, peers, args.rounds, args.seconds)
        results.append(r)
        print(f"{w.title}   [{w.key}, {r.get('rounds', 0)} rounds]")
        for name, p in r["peers"].items():
            least = {"dlcore": w.floor, "compiled": w.compiled}.get(name)
            floor = f"   floor {least}" if least else ""
            print(f"  {name:13s}{p['ms']:9.3f} ms  {p['ratio']:6.2f} ({p['low']:.2f}-{p['high']:.2f}){floor}")
        for name, why in r["missing"].items():
            print(f"  {name:13s}        -      {why}")
        print(flush=True)
    return results, [f"{r['key']}: {why}" for r in results for why in r["failed"]]


def memory(workloads, args):
    from benchmarks.memory import LIMIT, SENSIBLE, compare

    print(f"Memory of a step: peak resident MB above the start, fresh processes; at most {LIMIT} times PyTorch's")
    rows = compare(workloads)
    for r in rows:
        note = "" if r["judged"] else f"   (under {SENSIBLE:g} MB: not judged)"
        ratio = f"{r['ratio']:6.2f}" if r["ratio"] is not None else "     -"
        used = "   ".join([f"{peer} {r[peer]:7.1f}" for peer in ("torch", "dlcore", "compiled")])
        print(f"  {r['key']:10s} {used}   ratio {ratio}{note}")
    print(flush=True)
    return rows, [f"{r['key']}: memory {r['ratio']:.2f} of PyTorch's, at most {LIMIT}" for r in rows if r["failed"]]


def importing(workloads, args):
    from benchmarks.importing import LIMIT, compare

    r = compare()
    for name in ("numpy", "dlcore"):
        low, middle, high = (1e3 * t for t in r[name])
        print(
            f"import {name:7s} {middle:5.0f} ms ({low:.0f}-{high:.0f})"
            + (f"   at most {1e3 * LIMIT:.0f}" * (name == "dlcore"))
        )
    print(flush=True)
    loads = f" and loads {', '.join(r['heavy'])}" if r["heavy"] else ""
    return r, [f"import dlcore takes {r['dlcore'][1]:.3f} s{loads}"] if r["failed"] else []


def growth(workloads, args):
    from benchmarks.growth import compare, shown

    print("Growth of the cost of a step")
    result = compare()
    print(*shown(result), "", sep="\n", flush=True)
    return result, []


def main():
    args = arguments()
    prepare(args.kernels)
    if args.one_memory:
        from benchmarks.memory import measure

        print(json.dumps(measure(*args.one_memory)))
        return 0
    unknown = set(args.parts) - set(PARTS)
    if unknown:
        sys.exit(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    workloads, report, failures = chosen(args.workload), {}, []
    import torch  # seconds, which nobody waits for who mistyped a name

    torch.set_num_threads(1)
    for part, work in zip(PARTS, (speed, memory, importing, growth), strict=True):
        if part in (args.parts or PARTS):
            report[part], failed = work(workloads, args)
            failures += failed
    report["failed"] = failures
    if args.json:
        with open(args.json, "w") as f:
            json.dump(report, f, indent=1)
    print("\n".join(["MISSED:", *("  " + f for f in failures)]) if failures else "every floor held")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
