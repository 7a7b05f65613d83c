// ── page.js: figures on a built page: loaded when they come near, their state in the address ────────────────────────

const HOME = /** @type {HTMLScriptElement} */ (document.currentScript)?.src.replace(/[^/]*$/, "") ?? "";
const loading = new Map(), parcels = new Map();

/** One of the scripts beside this one, loaded once. */
const load = (name) => loadAt(HOME + name, name);

/** A classic script, loaded once: fetch and modules are refused on pages opened from a disk. One that was lost on its
 * way may be asked for again. */
function loadAt(src, name = src) {
  if (!loading.has(name)) {
    loading.set(name, new Promise((done, failed) => {
      const script = make("script", { src, onload: done });
      const words = `This figure could not be loaded (${name}); the picture shows how it opens. `
        + "Come back to it, and it is tried again.";
      script.onerror = () => {
        loading.delete(name);
        script.remove();
        failed(new Error(words));
      };
      document.head.append(script);
    }));
  }
  return loading.get(name);
}

/** The packed frames of a figure, which its file hands over. @returns {{come: Promise<string>, hand: (packed: string) => void}} */
function parcel(name) {
  if (!parcels.has(name)) {
    const made = /** @type {any} */ ({});
    made.come = new Promise((hand) => { made.hand = hand; });
    parcels.set(name, made);
  }
  return parcels.get(name);
}

/** Load what a figure needs; the answer is whether it has come. @param {Figure} figure @param {HTMLElement} element */
async function fetched(figure, element) {
  element.dataset.state = "loading";
  try {
    await Promise.all([load("vega.js"), load(`${figure.declared.name}.js`)]);
    return true;
  } catch (error) {
    figure.fail(error.message);
    return false;
  }
}

/** Bring one figure of the page to life. @param {Figure} figure */
async function wake(figure) {
  try {
    const frames = await Frames.open(await parcel(figure.declared.name).come);
    const { order, controls } = figure.declared;
    const frame = (state) => frames.at(order.reduce((at, key) => at * controls[key].values.length + state[key], 0));
    await figure.start({ frame, data: frames.header });
    offerOwn(figure);
  } catch (error) {
    figure.fail(error.message);
  }
}

/** Where the script is that brings Python into the page; nothing where the book was built without. */
function pythonScript() {
  const told = /** @type {HTMLElement} */ (document.querySelector("script[data-scripts]"))?.dataset.scripts;
  return told && JSON.parse(told).python;
}

/** A button for what is not stored, the reader's own digit or sentence, a value between two positions: then frames are
 * computed, by Python in the page. Where it is there already no button is needed. @param {Figure} figure */
function offerOwn(figure) {
  const widgets = Object.values(figure.widgets).filter((widget) => widget.free);
  if (!widgets.length || !pythonScript()) return;
  const makes = figure.controls.some(([, control]) => ["digit", "sentence"].includes(control.kind));
  const words = makes ? "Make your own" : "Any value between";
  const button = make("button", { type: "button", className: "dl-quiet" }, `${words} (loads Python, 8 MB or more)`);
  const free = async () => {
    button.disabled = true;
    try {
      await bringPython(figure, (words) => { button.textContent = words; });
      button.remove();
      for (const widget of widgets) widget.free();
    } catch (error) {
      button.textContent = `Python could not be loaded: ${error.message} Press to try again.`;
      button.disabled = false;
    }
  };
  const ifThere = async () => { // and if the figure needs nothing that has still to be loaded
    const needs = globalThis.dlPython?.alive && await dlPython.needs(`import ${figure.declared.module}`);
    if (needs && !needs.length && !button.disabled) free();
  };
  button.onclick = () => free().then(() => figure.fields.querySelector(".dl-workshop")?.scrollIntoView({ block: "nearest" }));
  figure.tools.append(button);
  addEventListener("dl-python", ifThere);
  ifThere();
}

/** From now on the figure asks Python for every frame that is not stored. @param {Figure} figure @param {(words: string) => void} say */
async function bringPython(figure, say) {
  const progress = (come, all, words) => say(come < all ? `${words}: ${come.toFixed(1)} of ${all.toFixed(1)} MB` : `${words} …`);
  await loadAt(pythonScript());
  const { name, module } = figure.declared, stored = figure.source;
  const ready = async () => { // each time: the reader may have stopped Python since
    await dlPython.start({ progress });
    for (const pack of await dlPython.needs(`import ${module}`)) await dlPython.load(pack, progress);
  };
  const frame = async (/** @type {State} */ state) => {
    if (Object.values(state).every(Number.isInteger)) return stored.frame(state);
    await ready();
    const ask = Object.fromEntries(figure.declared.order.map((control) => [control, state[control]]));
    const reply = await dlPython.call("dlbook.live.answer", "answer_by_name", { module, name, ask });
    if (reply.error) throw new Error(reply.error);
    return reply;
  };
  await ready();
  figure.source = { ...stored, frame };
}

/** `#name?rate=0.3&depth=4` → [name, {rate: "0.3", depth: "4"}]. @returns {[string, Record<string, string>|null]} */
function fromAddress() {
  const [name, query] = location.hash.slice(1).split("?");
  return [name, query === undefined ? null : Object.fromEntries(new URLSearchParams(query))];
}

/** @param {Figure} figure */
function toAddress(figure) {
  const query = new URLSearchParams(Object.entries(figure.values()).map(([name, value]) => [name, String(value)]));
  return `${location.href.split("#")[0]}#${figure.declared.name}?${query}`;
}

/** Copy link; the page's notebook, to run the figure with a kernel. @param {Figure} figure @param {HTMLElement} element */
function addPageTools(figure, element) {
  const copy = make("button", { type: "button", className: "dl-quiet" }, "Copy link");
  copy.onclick = async () => {
    history.replaceState(null, "", toAddress(figure));
    try {
      await navigator.clipboard.writeText(location.href);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "In the address bar";
    }
    setTimeout(() => { copy.textContent = "Copy link"; }, 2000);
  };
  figure.tools.append(copy);
  const { notebook, colab } = element.dataset;
  if (notebook) figure.tools.append(make("a", { href: notebook, download: "" }, "Download notebook"));
  if (colab) figure.tools.append(make("a", { href: colab }, "Open in Colab"));
}

/** Whether the page was loaded again, or come back to: the browser then brings the reader to where she was. */
const comesBack = () => /** @type {PerformanceNavigationTiming} */ (performance.getEntriesByType("navigation")[0])?.type !== "navigate";

/** The address names a state: take it on, and come into sight. @param {Map<string, Figure>} figures */
function obeyAddress(figures, come = true) {
  const [name, values] = fromAddress(), figure = figures.get(name);
  if (!figure || !values) return;
  figure.move({ ...figure.opening(), ...figure.indices(values) });
  if (come) figure.element.scrollIntoView();
}

function startPage() {
  /** @type {Map<string, Figure>} */
  const figures = new Map();
  const elements = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("live-figure[data-figure]"));
  for (const element of elements) {
    const figure = new Figure(element, JSON.parse(element.dataset.figure));
    addPageTools(figure, element);
    let timer = 0;
    figure.onMove = () => { // browsers limit how often an address may change
      clearTimeout(timer);
      timer = setTimeout(() => history.replaceState(history.state, "", toAddress(figure)), 300);
    };
    figures.set(figure.declared.name, figure);
    const near = new IntersectionObserver(async ([entry]) => {
      if (!entry.isIntersecting || element.dataset.state === "loading" || !await fetched(figure, element)) return;
      near.disconnect();
      wake(figure);
    }, { rootMargin: "600px" });
    near.observe(element);
  }
  // Paper gets the poster, and so the sentence that belongs to it.
  addEventListener("beforeprint", () => figures.forEach((figure) => figure.says.textContent = figure.posterSays));
  addEventListener("afterprint", () => figures.forEach((figure) => figure.tell(figure.picture.ariaLabel)));
  obeyAddress(figures, !comesBack());
  addEventListener("hashchange", () => obeyAddress(figures));
}

globalThis.dlbook = {
  ...globalThis.dlbook,
  frames: (name, packed) => parcel(name).hand(packed),
};
if (HOME) {
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", startPage); else startPage();
}
