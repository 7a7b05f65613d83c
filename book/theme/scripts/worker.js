// ── worker.js: Python itself, away from the page, so that an endless loop freezes nothing ────────────────────────────
// A classic worker, made from this text; everything that it would load it has been handed: nothing is fetched.

const files = new Map(); // name → bytes, of all packs
let python, kernel, answer, busy; // busy: the number of the job under way
const send = (kind, what) => postMessage({ kind, job: busy, ...what });

const TYPES = { wasm: "application/wasm", json: "application/json" };
self.fetch = async (address) => {
  const name = String(address.url ?? address).split(/[?#]/)[0].split("/").pop(), bytes = files.get(name);
  if (!bytes) return new Response("", { status: 404, statusText: `${name} is in none of the packs` });
  return new Response(bytes, { headers: { "content-type": TYPES[name.split(".").pop()] ?? "application/octet-stream" } });
};
self.importScripts = () => { throw new TypeError("Pyodide takes this worker for one of modules"); };
const module = (name) => import(URL.createObjectURL(new Blob([files.get(name)], { type: "text/javascript" })));

function take(pack) {
  for (const [name, bytes] of pack) files.set(name, bytes);
}

/** What Python has returned, as plain objects and typed arrays. */
function plain(value) {
  if (!value?.toJs) return value;
  const copy = value.toJs({ dict_converter: Object.fromEntries });
  value.destroy();
  return copy;
}

const jobs = {
  async start({ packs }) {
    packs.forEach(take);
    const { loadPyodide } = await module("pyodide.mjs"), base = "https://in.the.page/"; // never asked: see fetch
    python = await loadPyodide({
      createPyodideModule: (await module("pyodide.asm.mjs")).default,
      indexURL: base, packageBaseUrl: base, lockFileURL: `${base}pyodide-lock.json`, packages: ["numpy"],
    });
    python.unpackArchive(files.get("book.zip"), "zip", { extractDir: "/book" });
    python.runPython("import os, sys; os.environ['MPLBACKEND'] = 'agg'; sys.path.insert(0, '/book')");
    python.registerJsModule("page", { send: (kind, what) => send(kind, plain(what)) });
    python.runPython(`
import page
from dlbook.browser.kernel import Kernel, answer
kernel = Kernel(lambda kind, **what: page.send(kind, what)).start()`);
    [kernel, answer] = ["kernel", "answer"].map((name) => python.globals.get(name));
    await speedUp();
    return { version: python.version };
  },
  async load({ pack, packages }) {
    take(pack);
    await python.loadPackage(packages, { messageCallback() {}, checkIntegrity: false });
    kernel.loaded(python.toPy(packages));
  },
  needs: ({ source }) => plain(kernel.needs(source)),
  run: ({ source, name }) => plain(kernel.run(source, name)),
  call: ({ module, name, args }) => plain(answer(module, name, python.toPy(args))),
  memory: () => python._module.HEAPU8.length,
};

/** The product of matrices works in Python's own memory. */
async function speedUp() {
  const env = { memory: python._module.wasmMemory ?? python._module.memory };
  const { instance } = await WebAssembly.instantiate(files.get("product.wasm"), { env });
  python.registerJsModule("fast", { product: instance.exports.product });
  python.runPython("import fast, dlcore; from dlbook.browser import product; product.install(fast.product)");
}

let last = Promise.resolve();
onmessage = ({ data: { kind, job, ...what } }) => {
  last = last.then(async () => {
    busy = job;
    try {
      send("done", { answer: await jobs[kind](what) });
    } catch (error) { // Python's own errors are answers; what comes here has ended Python, or never let it begin
      send("died", { message: String(error?.message ?? error) });
    }
  });
};
