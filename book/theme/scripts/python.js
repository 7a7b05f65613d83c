// ── python.js: Python in the page ─────────────────────────────────────────────────────────────────────────────────────
// `dlPython.start()` loads it, once a page, from the book's own files beside this script; `run` runs a cell, `call` any
// function, `stop` ends what is under way, whatever it is. The build puts PACKS and WORKER before this text.

const home = new URL("../python/", document.currentScript.src);
const fromDisk = location.protocol === "file:";

/** A pack's files: fetched where pages are served, read as a script where they are opened from a disk. */
class Pack {
  constructor(name) {
    this.name = name;
    Object.assign(this, PACKS[name]); // {file, bytes, packages}
  }

  /** The files by name. `progress` is told of bytes as they come. */
  async files(progress) {
    const packed = fromDisk ? await this.read() : await this.fetched(progress);
    if (fromDisk) progress(this.bytes);
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return opened(await new Response(stream).arrayBuffer());
  }

  async fetched(progress) {
    const answer = await fetch(new URL(`${this.file}.bin`, home));
    if (!answer.ok) throw new Error(`${this.file}.bin could not be loaded (${answer.status})`);
    const parts = [], reader = answer.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      progress(part.value.length);
    }
    return new Blob(parts);
  }

  async read() {
    const letters = await new Promise((arrived, failed) => {
      Pack.waiting.set(this.name, arrived);
      const src = new URL(`${this.file}.js`, home).href;
      const onerror = () => failed(new Error(`${this.file}.js could not be read`));
      document.head.append(Object.assign(document.createElement("script"), { src, onerror }));
    });
    return (await fetch(`data:application/octet-stream;base64,${letters}`)).blob();
  }
}
Pack.waiting = new Map();

/** Take a pack apart: the length of its head, its head {name: bytes}, its files one after the other. */
function opened(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let at = 4 + length;
  return new Map(Object.entries(head).map(([name, size]) => [name, new Uint8Array(buffer, (at += size) - size, size)]));
}

/** One worker with one Python in it. */
class Interpreter {
  constructor() {
    this.worker = new Worker(URL.createObjectURL(new Blob([WORKER], { type: "text/javascript" })));
    this.jobs = new Map();
    this.count = 0;
    this.worker.onmessage = ({ data }) => this.heard(data);
    this.worker.onerror = (event) => this.end(event.message || "the worker could not be started");
  }

  ask(kind, what = {}, told = {}) {
    const job = ++this.count;
    return new Promise((done, failed) => {
      this.jobs.set(job, { done, failed, told });
      this.worker.postMessage({ kind, job, ...what });
    });
  }

  heard({ kind, job, ...what }) {
    const asked = this.jobs.get(job);
    if (kind === "died") this.end(what.message);
    else if (kind === "done") {
      this.jobs.delete(job);
      asked?.done(what.answer);
    } else asked?.told[kind]?.(what.text ?? what.bundle);
  }

  /** Whoever waits for an answer is told why none comes. */
  end(message) {
    this.worker.terminate();
    this.ended = true;
    for (const { failed } of this.jobs.values()) failed(new Error(message));
    this.jobs.clear();
  }
}

const STOPPED = "Stopped.";

class Python {
  constructor() {
    this.kept = new Map(); // pack → its files, for the next start
    this.loaded = new Set();
    this.packs = { arrived: (name, letters) => Pack.waiting.get(name)(letters) };
  }

  /** Load and start Python; the same one until it is stopped. `progress(loaded, of, words)`, in megabytes. */
  start({ progress = () => {} } = {}) {
    this.starting ??= this.begin(progress).catch((error) => {
      this.starting = null;
      throw error;
    });
    return this.starting;
  }

  async begin(progress) {
    const [core, book] = await this.fetch(["core", "book"], progress);
    progress(1, 1, "Starting Python");
    this.interpreter = new Interpreter();
    this.loaded.clear();
    this.version = (await this.interpreter.ask("start", { packs: [core, book] })).version;
    dispatchEvent(new Event("dl-python")); // figures may compute what is not stored
    return this;
  }

  /** The files of some packs, with one progress for all. */
  async fetch(names, progress) {
    const missing = names.filter((name) => !this.kept.has(name)).map((name) => new Pack(name));
    const all = missing.reduce((sum, pack) => sum + pack.bytes, 0);
    let come = 0, lost = false;
    const note = (bytes) => {
      come += bytes;
      if (!lost) progress(come / 1e6, all / 1e6, `Loading ${missing[0].name === "core" ? "Python" : missing[0].name}`);
    };
    const keep = async (pack) => this.kept.set(pack.name, await pack.files(note));
    await Promise.all(missing.map(keep)).catch((error) => { lost = true; throw error; });
    return names.map((name) => this.kept.get(name));
  }

  /** What the page must still load before a cell can run, and whether it asks for PyTorch. */
  async needs(source) {
    return this.interpreter.ask("needs", { source });
  }

  async load(name, progress = () => {}) {
    if (this.loaded.has(name) || !PACKS[name]) return; // "torch" is no pack
    const [pack] = await this.fetch([name], progress);
    await this.interpreter.ask("load", { pack, packages: PACKS[name].packages });
    this.loaded.add(name);
  }

  /** Run a cell; what it prints and shows comes as it comes. Answers {ok, seconds, error}. */
  async run(source, { name = "cell", show = () => {}, print = () => {}, progress = () => {} } = {}) {
    for (const need of await this.needs(source)) await this.load(need, progress);
    return this.interpreter.ask("run", { source, name }, { show, print });
  }

  /** Call any function with named arguments; a Python error is thrown, with its traceback. */
  async call(module, name, args = {}) {
    const { ok, value, error } = await this.interpreter.ask("call", { module, name, args });
    if (ok) return value;
    throw Object.assign(new Error(error.message), { name: error.kind, traceback: error.text });
  }

  memory() {
    return this.interpreter.ask("memory");
  }

  /** End whatever runs; the names that cells have made are gone, the next start takes a second or two. */
  stop(why = STOPPED) {
    this.interpreter?.end(why);
    this.starting = this.interpreter = null;
  }

  get alive() {
    return Boolean(this.interpreter && !this.interpreter.ended);
  }
}

globalThis.dlPython ??= new Python();
