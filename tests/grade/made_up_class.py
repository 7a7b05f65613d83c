"""A class of more than sixty made-up students: good ones in all the ways good work arrives, mistaken, hostile.

Each is ``name: (files, score)``, the files as bytes by path below the folder of submissions. What a hostile
notebook leaves right keeps its points; what it attacks with brings none.
"""

import functools
import json
import re
from pathlib import Path

from dlbook.grade import notebook, spec
from dlbook.grade.student import student_version

ROOT = Path(__file__).resolve().parents[2]
NAME = "2_activations_and_softmax"
FULL = 40
KEY = "secret"
VARIANT = spec.Variant("", KEY)
LOOP = "while True:\n    pass"


@functools.cache
def assignment_of(name=NAME):
    return spec.load(ROOT / "assignments" / name)


def code(source):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None, "id": "new"}


@functools.cache
def written(assignment, variant):
    return json.dumps(student_version(assignment, variant))


def empty(assignment, variant=VARIANT):
    """A student version, fresh."""
    return json.loads(written(assignment, variant))


def solved(assignment, variant=VARIANT):
    """The student version with the master's solutions typed in: what the best student hands in."""
    tree = empty(assignment, variant)
    master = notebook.read(assignment.folder / f"{assignment.name}.ipynb")
    answers = {cell["id"]: notebook.source_of(cell) for cell in master["cells"]}
    for cell in tree["cells"]:
        if cell["id"].endswith("-answer"):
            cell["source"] = re.sub(r"^\s*### (BEGIN|END) SOLUTION\n?", "", answers[cell["id"]], flags=re.M)
    return tree


def independent(assignment, *more):
    """The student version with our independent solution, and whatever else, in cells at its end."""
    tree = empty(assignment)
    right = (assignment.folder / "tests" / "right.py").read_text(encoding="utf-8")
    tree["cells"] += [code(right), *map(code, more)]
    return tree


def only(*sources):
    """A notebook of nothing but these cells."""
    return {"cells": [code(source) for source in sources], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def data(tree):
    return json.dumps(tree).encode()


def old_format(tree):
    """The same notebook as IPython wrote it in 2013."""
    cells = [{"cell_type": "code", "input": c["source"], "language": "python"} for c in tree["cells"] if "outputs" in c]
    return {"worksheets": [{"cells": cells}], "metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0}


def bare(tree):
    """Without any metadata, ids, texts, or the cells that we gave; all code in one list of lines."""
    cells = [c for c in tree["cells"] if c["cell_type"] == "code" and not c["id"].endswith("checks")]
    return {"cells": [{"cell_type": "code", "source": notebook.source_of(c).splitlines(True)} for c in cells]}


def with_output(tree, size):
    tree["cells"][-2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * size}]
    return tree


def good(assignment):
    """All of these deserve full marks."""
    best, mine = solved(assignment), independent(assignment)
    text = data(best)
    magics = ["%matplotlib inline\n!pip install everything", "%%time\nhalf = 1 / 2", "%%bash\nrm -rf /", "relu?"]
    late = "print(relu(np.array([1.0, -1.0])))\ndisplay(1)\nget_ipython().run_line_magic('who', '')\ncheck('q1', relu)"
    crlf = json.dumps(best).replace("\\n", "\\r\\n").encode()
    merged = only("import numpy as np", "\n\n".join(c["source"] for c in bare_sources(best)))
    return {
        "best": {"best.ipynb": text},
        "independent": {"independent.ipynb": data(mine)},
        "renamed": {"renamed.ipynb (2).txt": text},
        "as_json": {"as_json.json": text},
        "folder": {"folder/my homework.ipynb": text, "folder/notes.txt": b"see notebook"},
        "two_levels": {"two_levels/hand in/work.ipynb": text, "two_levels/.ipynb_checkpoints/old.ipynb": b"{}"},
        "4711": {"4711.ipynb": text},
        "no_metadata": {"no_metadata.ipynb": data(bare(best))},
        "one_cell": {"one_cell.ipynb": data(merged)},
        "old_format": {"old_format.ipynb": data(old_format(best))},
        "utf16": {"utf16.ipynb": json.dumps(best, ensure_ascii=False).encode("utf-16")},
        "bom": {"bom.ipynb": b"\xef\xbb\xbf" + text},
        "cp1252": {"cp1252.ipynb": data(only("# na\u00efve \u00fc")).replace(b"\\u00", b"") + b" "},
        "crlf": {"crlf.ipynb": crlf},
        "large_output": {"large_output.ipynb": data(with_output(solved(assignment), 20 * 2**20))},
        "magics": {"magics.ipynb": data(independent(assignment, *magics))},
        "chatty": {"chatty.ipynb": data(independent(assignment, late))},
        "m\u00fcller \u674e": {"m\u00fcller \u674e.ipynb": text},
        "=1+1": {"=1+1.ipynb": text},
        "twice_done": {
            "twice_done.ipynb": data(independent(assignment, "relu = None", "relu = lambda z: z * (z > 0)"))
        },
    }


def bare_sources(tree):
    return [c for c in tree["cells"] if c["id"].endswith(("-answer", "-numbers"))]


def mistaken(assignment):
    """The folder of typical wrong solutions, with the scores that stand in them."""
    out = {}
    for path in sorted((assignment.folder / "tests" / "wrong").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        out[path.stem] = (independent(assignment, text), float(re.search(r"^# score: ([\d.]+)", text, re.M)[1]))
    return out


def broken():
    """Files that are no notebooks. They get nothing, and disturb nobody."""
    return {
        "empty_file": b"",
        "cut_off": data(empty(assignment_of()))[:3000],
        "no_json": b"Dear teacher, the dog has eaten my notebook.",
        "no_cells": b'{"metadata": {}}',
        "strange_cells": b'{"cells": [1, null, {"cell_type": "code", "source": {"a": 1}}, {"source": [3]}]}',
        "deep": b"[" * 200_000,
        "binary": bytes(range(256)) * 100,
        "huge": b'{"cells": [], "x": "' + b"x" * (33 * 2**20) + b'"}',
    }


# A system call by its numbers on x86_64 and aarch64, and what can be tried with one.
CALLS = """
import ctypes, os, platform
c = ctypes.CDLL(None, use_errno=True)
def call(x86, arm, *rest): return c.syscall(x86 if platform.machine() == 'x86_64' else arm, *rest)
"""
KEYS = """
found, text = [], ctypes.create_string_buffer(100)
for ring in (-3, -4, -5):
    key = call(250, 219, 10, ring, b'user', b'a note', 0)
    if key > 0 and call(250, 219, 11, key, text, ctypes.c_size_t(100)) > 0:
        found.append(text.value.decode())
    call(248, 217, b'user', b'a note', b'left by another', ctypes.c_size_t(15), ring)
if found:
    raise RuntimeError(str(found))
"""
BESIDE = """
held = 0
for n in range(100):
    fd = call(319, 279, b'beside', 0)
    try:
        held += os.write(fd, bytes(2**20))
    except OSError:
        pass
    held += 2**20 * (call(29, 194, 0, ctypes.c_size_t(2**20), 0o1600) >= 0)
if held:
    raise RuntimeError(f'holds {held} bytes beside its own')
"""

# What hostile cells are put on top of. "Keeps" means: a complete solution plus the attack, to see that the honest
# part keeps its points; the others answer nothing honestly, so that every point would be a stolen one.
KEEPS = {
    "loop_in_cell": (LOOP, FULL),
    "loop_in_function": ("def relu(z):\n    while True:\n        pass", FULL - 3),
    "loop_in_thread": (
        "import threading\ndef f():\n    while True:\n        pass\nthreading.Thread(target=f).start()",
        FULL,
    ),
    "os_exit_in_cell": ("import os\nos._exit(0)", FULL),
    "os_exit_in_function": ("import os\ndef relu(z):\n    os._exit(0)", FULL - 3),
    "sys_exit": ("import sys\nsys.exit(0)", FULL),
    "kill_parent": ("import os\nos.kill(os.getppid(), 9)", FULL),
    "kill_everybody": ("import os\nos.kill(-1, 9)", FULL),
    "delete_files": (
        "import shutil\nfor p in ('/', '/work', '/home', '/usr'):\n    shutil.rmtree(p, ignore_errors=True)",
        FULL,
    ),
    "fill_disk": ("for i in range(4000):\n    open(f'f{i}', 'wb').write(b'x' * 10**6)", FULL),
    "all_memory": ("hoard = []\nwhile True:\n    hoard.append(bytearray(10**8))", FULL),
    "all_memory_in_function": ("def relu(z):\n    return np.ones(10**11)", FULL - 3),
    "fork_bomb": ("import os\nwhile True:\n    os.fork()", FULL),
    "leftovers": (
        "import ctypes, os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        ctypes.CDLL(None).prctl(15, b'leftover60')\n        time.sleep(60)\n    os._exit(0)",
        FULL,
    ),
    "flood": ("for _ in range(20000):\n    print('x' * 10000)", FULL),
    "flood_the_line": ("import os\nos.write(3, b'\\xff' * 10**5)", FULL),
    "crash": ("import ctypes\nctypes.string_at(0)", FULL),
    "recursion_limit": ("import sys\nsys.setrecursionlimit(10**9)\ndef f(n):\n    return f(n + 1)\nf(0)", FULL),
    "syntax_bomb": ("1;" * 900_000, FULL),
    "deep_syntax": ("x = " + "-" * 200_000 + "1", FULL),
    "nested_syntax": ("x = " + "(" * 50_000 + ")" * 50_000, FULL),
    "cell_of_many_megabytes": ("x = '" + "y" * (10 * 2**20) + "'", FULL),
    "close_everything": ("import os\nos.closerange(0, 100)", FULL),
    "keys_of_the_first": (CALLS + KEYS, FULL),
    "keys_of_the_second": (CALLS + KEYS, FULL),
    "memory_beside": (CALLS + BESIDE, FULL),
    "traces_process_1": (
        CALLS + "for pid in (1, os.getppid()):\n    if call(101, 117, 16, pid, 0, 0) == 0:\n"
        "        raise RuntimeError('it is traced')",
        FULL,
    ),
}

FORGE = """
import json, os, struct, sys
def say(head, *more):
    frame = sys._getframe()
    while 'message' not in frame.f_locals: frame = frame.f_back
    head = head.replace(b'NUMBER', b'%d' % frame.f_locals['message']['id'])
    text = struct.pack('>I', len(head)) + head + b''.join(more)
    text = struct.pack('>I', len(text)) + text
    while text: text = text[os.write(3, text):]
def relu(z):
    SAY
    return z
leaky_relu = sigmoid = softmax = slopes = relu
"""

GUESS = """
def relu(z): return STOLEN('relu', z)
def leaky_relu(z, slope=0.01): return STOLEN('leaky_relu', z, slope)
def sigmoid(z): return STOLEN('sigmoid', z)
def softmax(z): return STOLEN('softmax', z)
"""
STEALS = {
    "forged_output": 'import os\nos.write(1, b\'{"score": 40, "passed": true}\')\nprint(\'{"score": 40}\')\n'
    "def relu(z):\n    import json, struct\n    m = json.dumps({'dict': [['id', 1], ['passed', True]]}).encode()\n"
    "    for i in range(20):\n        m = json.dumps({'dict': [['id', i], ['value', True], ['score', 40]]}).encode()\n"
    "        m = struct.pack('>I', len(m)) + m\n        os.write(3, struct.pack('>I', len(m)) + m)\n    return z",
    "patched_numpy": "import numpy as np\nfor n in ('allclose', 'isclose', 'array_equal', 'all', 'any'):\n"
    "    setattr(np, n, lambda *a, **k: True)\nnp.testing.assert_allclose = lambda *a, **k: None\n"
    "relu = sigmoid = softmax = lambda z: z * 7",
    "patched_checker": "import dlbook.grade.verdict as v, dlbook.grade.wire as w, dlbook.grade as g\n"
    "v.diagnose = v.same = lambda *a, **k: None\nw.plain = lambda v, d=0: {'passed': True}\n"
    "relu = sigmoid = softmax = lambda z: z * 7",
    "lying_objects": "import numpy as np\nclass Liar(np.ndarray):\n    def __eq__(self, o): return True\n"
    "    def __array_ufunc__(self, *a, **k): return True\n    def __array__(self, *a, **k): return np.zeros(3)\n"
    "    shape = size = property(lambda self: 10**9)\n    def __reduce__(self): return (print, ('x',))\n"
    "relu = sigmoid = softmax = lambda z: np.zeros(3).view(Liar)",
    "reads_specification": "import os\nspace = {}\nfor folder, _, names in os.walk('COURSE'):\n"
    "    for p in names:\n        if p.endswith('.py'):\n            exec(open(folder + '/' + p).read(), space)\n"
    "exec(open('COURSE/spec.py').read(), space)\nSTOLEN = lambda n, *a: space[n].answer(*a)" + GUESS,
    "reads_environment": "import os\nspace = dict(os.environ)\nSTOLEN = lambda n, *a: {'1': a[0]}[space['DLBOOK_KEY']]"
    + GUESS,
    "reads_others": "import glob, json\nspace = {}\nfor p in glob.glob('HERE/**/*.ipynb', recursive=True):\n"
    "    for c in json.load(open(p))['cells']:\n        try:\n            exec(''.join(c['source']), space)\n"
    "        except Exception:\n            pass\nSTOLEN = lambda n, *a: space[n](*a)" + GUESS,
    "reads_frames": "import sys, gc\nSTOLEN = lambda n, *a: next(o['expected'] for o in gc.get_objects() "
    "if isinstance(o, dict) and 'expected' in o)" + GUESS,
    "network": "import socket\ns = socket.create_connection(('127.0.0.1', PORT), 1)\ns.sendall(b'what is softmax?')\n"
    "STOLEN = lambda n, *a: s.recv(100)" + GUESS,
    "errors_that_talk": "def softmax(z):\n    z = repr(z.tolist())\n    raise type('E' + z[:30], (Exception,), {})(z)\n"
    "def relu(z):\n    raise ValueError(repr(z.tolist()))",
    "asks_ours_for_others": "def relu(z): return 7 * z\n"  # ours then stands for relu, and is asked for the rest
    "def STOLEN(name, *inputs):\n    relu._name = name\n    return relu(*inputs)\n"
    + GUESS.replace("def relu(z): return STOLEN('relu', z)", ""),
    "texts_for_numbers": "softmax = relu = lambda z: '<script>alert(1)</script>'",
    "asks_a_service": "import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect(SERVICE)\n"
    "STOLEN = lambda n, *a: s.recv(100)" + GUESS,
    "forged_id": FORGE.replace("SAY", 'say(b\'{"dict": [["id", {"npy": 144}], ["value", 1]]}\', NPY)').replace(
        "NPY",
        "__import__('numpy').lib.format.magic(1, 0) + b'v\\0' + b\"{'descr': '<i8', 'fortran_order': False, "
        "'shape': (2,), }\".ljust(117) + b'\\n' + bytes(16)",
    ),
    "forged_depth": FORGE.replace(
        "SAY", "say(b'{\"dict\": [[\"id\", NUMBER], [\"value\", ' + b'[' * 480 + b'1' + b']' * 480 + b']]}')"
    ),
    "forged_texts": FORGE.replace(
        "SAY",
        "say(b'{\"dict\": [[\"id\", NUMBER], [\"value\", [\"' + b'x' * 10**6 + b'\"' + b',\"\"' * 200_000 + b']]]}')",
    ),
    "forged_letters": FORGE.replace("SAY", "raise ValueError('half of one: \\ud800')"),
    "endless_words": FORGE.replace("return z", "return [[[[['a'] * 6] * 6] * 6] * 6] * 6").replace("SAY", "pass"),
    "nothing_at_all": "",
}


def everybody(port=9, here="/", service=b"\0"):
    """All of them: ``{student: (files, score)}``; the hostile ones know where the course and all else is."""
    assignment, out = assignment_of(), {}
    out |= {name: (files, FULL) for name, files in good(assignment).items()}
    files = data(only("# na\u00efve", "import numpy as np", *(c["source"] for c in bare_sources(solved(assignment)))))
    out["cp1252"] = ({"cp1252.ipynb": json.loads(files) and json_text(files).encode("cp1252")}, FULL)
    for name, (tree, score) in mistaken(assignment).items():
        out[name] = ({f"{name}.ipynb": data(tree)}, score)
    out |= {name: ({f"{name}.ipynb": raw}, 0) for name, raw in broken().items()}
    out["empty"] = ({"empty.ipynb": data(empty(assignment))}, 0)
    for name, (attack, score) in KEEPS.items():
        out[name] = ({f"{name}.ipynb": data(independent(assignment, attack))}, score)
    for name, attack in STEALS.items():
        tree = empty(assignment)
        known = {"PORT": str(port), "HERE": str(here), "COURSE": str(assignment.folder), "SERVICE": repr(service)}
        for name_of, place in known.items():
            attack = attack.replace(name_of, place)
        tree["cells"] += [code(attack)]
        out[name] = ({f"{name}.ipynb": data(tree)}, 0)
    return out


def json_text(raw):
    """JSON with its letters as they are, for encodings other than UTF-8."""
    return json.dumps(json.loads(raw), ensure_ascii=False)


def hand_in(folder, students):
    """Write the submissions of these students."""
    for files, _ in students.values():
        for name, raw in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
