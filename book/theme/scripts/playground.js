// ── playground.js: a small network that learns before one's eyes ─────────────────────────────────────────────────────
// Python (dlbook.playground.page) computes every number; pictures.js draws them; here choices become an address and a call.

const MODULE = "dlbook.playground.page";
const LONGEST = 20_000; // steps
const PATIENCE = 33; // milliseconds from picture to picture, where steps are many or slow
const SPEEDS = { 1: "1 step", 5: "up to 5 steps", 25: "up to 25 steps", 100: "up to 100 steps" };
const TYPES = { Uint8Array, Int8Array, Float32Array };

function script(src) {
  return new Promise((done, failed) => {
    const onerror = () => failed(new Error(`${src} could not be loaded`));
    document.head.append(make("script", { src, onload: done, onerror }));
  });
}

const frame = () => new Promise(requestAnimationFrame);

/** A picture as Python sent it, or as the page has it stored: every array becomes a plain typed array. */
function plain(view) {
  const array = ({ type, letters, data }) => data ?? new TYPES[type](Uint8Array.from(atob(letters), (c) => c.charCodeAt(0)).buffer);
  return Object.fromEntries(Object.entries(view).map(([name, value]) => [name, value?.letters !== undefined || value?.data ? array(value) : value]));
}

class Playground {
  constructor(place) {
    this.place = place;
    this.told = JSON.parse(place.querySelector("script").textContent);
    this.needs = JSON.parse(place.dataset.needs);
    /** @type {any} */
    this.state = { ...this.told.usual };
    this.step = this.era = 0; // another era begins with every choice
    this.unit = null; // the unit whose picture is large; null is the output
    this.points = this.losses = this.history = [];
    this.learns = 0;
    this.span = OWN_SPAN;
    this.colours = new Colours();
    this.square = new Square((at) => this.setPoint(at));
    this.paper = new Paper((digit) => this.look(digit));
    this.papers = [];
    this.taken = 0; // which digit of the test was put onto the paper last
    this.network = new Network((unit) => { this.unit = unit; this.draw(); });
    this.curve = new Curve();
    this.build();
    this.watch();
    const [visit] = /** @type {any[]} */ (performance.getEntriesByType("navigation"));
    this.obey(visit?.type === "navigate");
  }

  // ── what stands there ──

  build() {
    const button = (textContent, onclick, ariaLabel = textContent) => make("button", { type: "button", textContent, ariaLabel, onclick });
    this.buttons = {
      play: button("Play", () => this.play(!this.playing)),
      back: button("−1", () => this.go(-1), "−1 step"),
      step: button("+1", () => this.go(1), "+1 step"),
      reset: button("↺", () => this.go(-Infinity), "Back to the start"),
    };
    this.speed = this.select(SPEEDS, "5", "Steps from picture to picture");
    this.count = make("output", { className: "dl-count" });
    this.start = button("Start", () => this.begin());
    this.start.className = "dl-start";
    this.status = make("p", { className: "dl-status" });
    this.status.setAttribute("role", "status");
    this.over = make("div", { className: "dl-over" }, this.start, this.status);
    const keys = make("div", { className: "dl-keys" }, ...Object.values(this.buttons), this.speed);
    this.says = make("p", { className: "dl-says" });
    this.banner = make("div", { className: "dl-problem", hidden: true });
    const view = make("div", { className: "dl-view" }, make("div", { className: "dl-frame" }, this.square.canvas, this.paper.element, this.count, this.over), this.paper.told, keys);
    this.place.append(this.banner, view, this.controls(), this.network.element,
      make("div", { className: "dl-below" }, this.curve.canvas, this.says, this.tools()));
    this.place.classList.add("dl-ready");
  }

  select(options, value, label, onchange) {
    const list = Array.isArray(options) ? options : Object.entries(options);
    const element = make("select", { ariaLabel: label, onchange }, ...list.map(([value, textContent]) => make("option", { value, textContent })));
    element.value = value;
    return element;
  }

  controls() {
    this.fields = {};
    const labels = Object.entries(this.told.choices).map(([name, { label, options }]) => {
      this.fields[name] = this.select(options, this.state[name], label, () => this.change({ [name]: this.fields[name].value }));
      return make("label", {}, make("span", { textContent: label }), this.fields[name]);
    });
    const [layers, units] = this.told.most, sizes = [["", "–"], ...Array.from({ length: units }, (_, i) => [String(i + 1), String(i + 1)])];
    this.fields.layers = Array.from({ length: layers }, (_, i) => this.select(sizes, "", `Units in hidden layer ${i + 1}`, () =>
      this.change({ layers: this.fields.layers.map((one) => one.value).filter(Boolean).join("-") })));
    labels.splice(3, 0, make("fieldset", { className: "dl-widths" }, make("legend", { textContent: "Units in each layer" }), ...this.fields.layers));
    this.brush = this.select({ 0: "set blue", 1: "set orange", gone: "take away" }, "0", "What a click does");
    this.brushLabel = make("label", {}, make("span", { textContent: "A click" }), this.brush);
    const button = (textContent, onclick) => make("button", { type: "button", textContent, onclick });
    this.sheets = make("fieldset", { className: "dl-sheets" }, make("legend", { textContent: "On the paper" }),
      button("From the test", () => this.another()), button("Clear", () => this.clear()));
    labels.splice(1, 0, this.brushLabel, this.sheets);
    return make("div", { className: "dl-choices" }, ...labels);
  }

  tools() {
    const copy = make("button", { type: "button", className: "dl-quiet", textContent: "Copy link", onclick: async () => {
      this.toAddress();
      await navigator.clipboard?.writeText(location.href).then(() => { copy.textContent = "Copied"; }, () => { copy.textContent = "In the address bar"; });
      setTimeout(() => { copy.textContent = "Copy link"; }, 2000);
    } });
    this.codeButton = make("button", { type: "button", className: "dl-quiet", textContent: "Give me the code", onclick: () => this.giveCode() });
    this.code = make("div", { className: "dl-given" });
    return make("div", {}, make("div", { className: "dl-tools" }, this.codeButton, copy), this.code);
  }

  watch() {
    const recoloured = () => requestAnimationFrame(() => { this.colours = new Colours(); this.draw(); });
    new MutationObserver(recoloured).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    new ResizeObserver(() => { this.network.places = null; this.draw(); }).observe(this.place);
    this.square.canvas.addEventListener("focus", () => this.draw());
    this.square.canvas.addEventListener("blur", () => this.draw());
    addEventListener("hashchange", () => this.obey());
  }

  // ── the address ──

  /** What the address says: a problem, settings, a step. The browser itself brings who comes back to her place. */
  obey(come = true) {
    this.address = location.hash;
    const [name, query] = location.hash.slice(1).split("?");
    const asked = Object.fromEntries(new URLSearchParams(name === "playground" ? query : ""));
    this.problem = this.told.problems[asked.problem] ? asked.problem : null;
    const begin = Object.fromEntries(new URLSearchParams(this.told.problems[this.problem]?.begin));
    this.playing = false;
    this.picture = null;
    this.unit = null;
    const known = Object.keys(this.told.usual).filter((key) => key in asked);
    const state = { ...this.told.usual, ...begin, ...Object.fromEntries(known.map((key) => [key, asked[key]])) };
    const first = !this.problem && !known.length && !("step" in asked) && this.told.first;
    this.set(state, first ? first.step : Math.max(0, Math.min(LONGEST, Number.parseInt(asked.step, 10) || 0)));
    if (first && !this.running) this.take({ ...plain(first), era: this.era }, true);
    if (come && name === "playground" && query !== undefined) this.place.scrollIntoView();
  }

  toAddress() {
    if (location.hash !== this.address) return; // a link has been followed, and is about to be obeyed
    const begin = { ...this.told.usual, ...Object.fromEntries(new URLSearchParams(this.told.problems[this.problem]?.begin)) };
    const moved = Object.entries(this.state).filter(([name, value]) => value !== begin[name] && (name !== "own" || this.state.data === "own"));
    const query = new URLSearchParams([...(this.problem ? [["problem", this.problem]] : []), ...moved, ["step", String(this.step)]]);
    history.replaceState(history.state, "", `#playground?${query}`);
    this.address = location.hash;
  }

  // ── Python ──

  async begin() {
    this.start.disabled = true;
    const progress = (come, all, words) => { this.status.textContent = come < all ? `${words}: ${come.toFixed(1)} of ${all.toFixed(1)} MB` : `${words} …`; };
    try {
      if (!globalThis.dlPython) await script(this.needs.scripts.python);
      await dlPython.start({ progress });
      this.running = true;
      await this.open(this.step);
      this.status.textContent = "";
      this.buttons.play.focus({ preventScroll: true });
    } catch (error) {
      this.lost(error);
    }
    this.start.disabled = false;
  }

  /** Ask Python; its answer belongs to the settings that stood when it was asked. */
  async ask(name, args) {
    if (!globalThis.dlPython?.alive) throw new Error("Python was stopped.");
    const era = this.era;
    return { ...plain(await dlPython.call(MODULE, name, args)), era };
  }

  /** Begin a run of the settings that stand, and go to a step of it. */
  open(step) {
    const paper = this.digits ? this.paper.levels() ?? undefined : undefined; // Python takes one of the test
    const asked = this.ask("start", { settings: { ...this.state }, step, problem: this.problem, paper });
    return (this.opening = asked.then((view) => this.take(view, true)));
  }

  /** Python has ended, by the reader's Stop or by itself: the run can be made again, to the same step. */
  lost(error) {
    this.running = this.playing = false;
    this.status.textContent = error.message;
    this.draw();
  }

  async play(on) {
    this.playing = on && this.running;
    this.draw();
    if (!this.playing || this.looping) return;
    this.looping = true;
    try {
      let coming = null;
      while (this.playing) {
        await this.opening;
        const view = await (coming ?? this.further());
        coming = this.playing && view.era === this.era ? this.further(view.step) : null; // Python computes while this is drawn
        await frame();
        this.take(view);
        if (this.step >= LONGEST) this.playing = false;
      }
      if (coming) this.take(await coming);
      this.toAddress();
    } catch (error) {
      this.lost(error);
    } finally {
      this.looping = false;
    }
  }

  /** Some steps further: as many as were chosen, or as fit between two pictures. */
  async further(from = this.step) {
    const began = performance.now(), most = Number(this.speed.value), steps = Math.min(most, Math.max(1, Math.round(this.pace ?? most)));
    const view = await this.ask("go", { step: from + steps, since: from });
    this.pace = (steps * PATIENCE) / (performance.now() - began);
    return view;
  }

  /** So many steps on, or back. */
  async go(by) {
    this.playing = false;
    if (!this.running) return;
    try {
      await this.opening;
      this.take(await this.ask("go", { step: Math.max(0, this.step + by), since: 0 }), true);
      this.toAddress();
    } catch (error) {
      this.lost(error);
    }
  }

  /** Other settings: the run begins anew. */
  change(some) {
    if (!this.running) this.picture = null;
    this.set(some, 0);
    this.toAddress();
  }

  set(some, step) {
    Object.assign(this.state, some);
    this.step = step;
    this.era++;
    if (this.shape !== this.network.shape) {
      this.unit = null;
      this.network.build(this.shape);
    }
    this.show();
    if (this.running) this.open(step).catch((error) => this.lost(error));
    else this.draw();
  }

  /** A picture has come. `anew`: it holds all losses up to its step; with points in it, it is the first of a run. */
  take(view, anew = false) {
    if (view.era !== this.era) return; // it comes too late: something else was chosen
    if (view.points) Object.assign(this, { points: view.points, learns: view.learns, span: view.span, history: [] });
    if (view.papers) {
      Object.assign(this, { papers: view.papers, points: [], learns: view.learns, history: [] });
      if (!this.paper.levels()) this.paper.load(this.papers.slice(0, PIXELS));
    }
    if (anew) this.losses = [];
    this.losses.push(...view.losses);
    this.history = this.history.filter(({ step }) => step < view.step);
    this.history.push({ step: view.step, loss: view.loss, loss_test: view.loss_test });
    if (this.history.length > 1200) this.history = this.history.filter((_, i) => i % 2 === 0);
    this.picture = Object.assign(view, { shape: this.shape });
    this.step = view.step;
    this.draw();
  }

  // ── digits ──

  get digits() { return this.state.data === "digits"; }

  /** Inputs and units of each hidden layer. */
  get shape() { return `${this.digits ? PIXELS : 2}-${this.state.layers}`; }

  /** What the network makes of the digit on the paper. */
  async look(digit) {
    if (!this.running) return this.draw();
    try {
      await this.opening;
      this.take(await this.ask("look", { paper: digit }));
    } catch (error) {
      this.lost(error);
    }
  }

  another() {
    this.taken = (this.taken + PIXELS) % (this.papers.length || PIXELS);
    this.paper.load(this.papers.slice(this.taken, this.taken + PIXELS));
    this.look(this.paper.levels(true));
  }

  clear() {
    this.paper.clear();
    this.look(this.paper.levels(true));
  }

  // ── points of one's own ──

  setPoint([x, y]) {
    if (this.state.data !== "own") return;
    let points = this.state.own.split("_").map((one) => one.split(".").map(Number));
    const at = [Math.round(100 * x), Math.round(100 * y)];
    if (this.brush.value === "gone") {
      const far = ([a, b]) => Math.hypot(a - at[0], b - at[1]);
      const nearest = points.reduce((best, one) => (far(one) < far(best) ? one : best));
      points = points.length > 1 ? points.filter((one) => one !== nearest) : points;
    } else if (points.length < this.told.most[2]) points.push([...at, Number(this.brush.value)]);
    this.change({ own: points.map((one) => one.join(".")).join("_") });
  }

  // ── showing ──

  /** The controls as the state has them, and the problem. */
  show() {
    const fixed = this.told.problems[this.problem]?.fixed ?? [], own = this.state.data === "own";
    for (const [name, field] of Object.entries(this.fields)) {
      if (name === "layers") field.forEach((one, i) => Object.assign(one, { value: this.state.layers.split("-")[i] ?? "", disabled: fixed.includes(name) }));
      else Object.assign(field, { value: this.state[name], disabled: fixed.includes(name) || (own && ["noise", "points"].includes(name)) });
    }
    for (const [i, one] of this.fields.layers.entries()) one.hidden = i > this.state.layers.split("-").filter(Boolean).length;
    this.brushLabel.hidden = !own;
    this.square.canvas.hidden = this.digits;
    this.paper.element.hidden = this.paper.told.hidden = this.sheets.hidden = !this.digits;
    this.place.classList.toggle("dl-digits", this.digits);
    this.square.let(own);
    this.tellProblem();
  }

  tellProblem() {
    const problem = this.told.problems[this.problem];
    this.banner.hidden = !problem;
    if (!problem) return;
    this.parts = make("ul");
    this.why = make("p", { className: "dl-solved", hidden: true });
    this.why.setAttribute("role", "status");
    this.banner.replaceChildren(make("p", {}, make("strong", { textContent: `${problem.title}. ` }), problem.task), this.parts, this.why,
      make("a", { href: "#playground?", textContent: "Leave the problem" }));
  }

  drawVerdict(verdict) {
    if (!this.problem || !verdict) return;
    this.parts.replaceChildren(...verdict.parts.map(([holds, words]) => make("li", { className: holds ? "dl-holds" : "", textContent: `${holds ? "✓" : "·"} ${words}` })));
    if (verdict.solved && this.why.hidden) {
      this.playing = false;
      const page = document.querySelector(`a[href="#playground?problem=${this.problem}"]`)?.closest("li").querySelector("em a");
      this.why.replaceChildren(`Solved at step ${this.step}. ${this.told.problems[this.problem].why} `, ...(page ? [make("span", { textContent: "More: " }), page.cloneNode(true)] : []));
    }
    this.why.hidden = !verdict.solved;
  }

  draw() {
    const { picture: view, colours, unit } = this, own = this.state.data === "own", can = Boolean(this.needs.scripts);
    const shown = { view, colours, unit, own, points: this.points, learns: this.learns, span: this.span, losses: this.losses, history: this.history, digit: this.paper.levels(true) };
    if (!view) Object.assign(shown, { points: [], losses: [], history: [] });
    this.drawVerdict(view?.verdict);
    if (this.digits) this.paper.draw(shown);
    else this.square.draw(shown);
    this.network.draw(shown);
    this.curve.draw(shown);
    this.over.hidden = this.running;
    this.start.hidden = !can;
    if (can) this.start.textContent = globalThis.dlPython?.alive ? "Start again" : `Start (${this.needs.megabytes} MB, once)`;
    else this.status.textContent = "This copy of the book was built without Python in the page; only the first picture can be shown.";
    for (const one of Object.values(this.buttons)) one.disabled = !this.running;
    this.codeButton.disabled = !this.running;
    this.buttons.play.textContent = this.buttons.play.ariaLabel = this.playing ? "Pause" : "Play";
    this.count.textContent = `step ${this.step}`;
    const words = view?.says ?? (this.running ? "One moment …" : "Press Start, and this begins.");
    this.says.setAttribute("aria-live", this.playing ? "off" : "polite");
    if (this.says.textContent !== words && !(this.playing && performance.now() - (this.told.at ?? 0) < 400)) {
      this.told.at = performance.now();
      this.says.textContent = words;
      this.square.canvas.ariaLabel = own ? `Your points. The arrow keys move a cross, Enter sets a point. ${words}` : words;
      this.curve.canvas.ariaLabel = view ? `The loss, step by step; now ${short(view.loss)} on its own points and ${short(view.loss_test)} on the test.` : "The loss, step by step.";
    }
  }

  // ── the code ──

  async giveCode(library = "dlcore") {
    this.playing = false;
    try {
      const step = Math.max(1, this.step);
      const { text, notebook } = await dlPython.call(MODULE, "export", { settings: { ...this.state }, step, library });
      if (!globalThis.dlCells) await script(this.needs.scripts.cells);
      this.showCode(text, notebook, library, step);
    } catch (error) {
      this.lost(error);
    }
  }

  showCode(text, notebook, library, step) {
    const group = make("div", { className: "dl-run" }), torch = library === "torch";
    const input = make("div", { className: "cell_input" }, make("div", { className: "highlight" }, make("pre", { textContent: text })), group);
    const other = this.select({ dlcore: "for dlcore", torch: "for PyTorch" }, library, "For which library", () => this.giveCode(other.value));
    const address = URL.createObjectURL(new Blob([notebook], { type: "application/x-ipynb+json" }));
    const button = (textContent, onclick) => make("button", { type: "button", className: "dl-quiet", textContent, onclick });
    const copy = button("Copy", () => navigator.clipboard?.writeText(text).then(() => { copy.textContent = "Copied"; }));
    const bar = make("div", { className: "dl-tools" }, make("span", { textContent: `The program of these ${step} steps` }), other, copy,
      make("a", { href: address, download: "playground.ipynb", textContent: "Notebook" }), button("Close", () => this.code.replaceChildren()));
    this.code.replaceChildren(bar, make("div", { className: "cell" }, input));
    const id = `${library}-${new URLSearchParams({ ...this.state, step: String(step) })}`;
    const about = { id, needs: torch ? ["torch"] : [], seconds: 0, kind: "runs", from: { imports: "", cells: [] } };
    const cells = globalThis.dlCells({ page: this.needs.page, cells: [about], inputs: [input], editor: () => script(this.needs.scripts.editor) });
    group.prepend(button("Run", () => cells.press(id, "run")), button("Edit", () => cells.press(id, "edit")));
  }
}

for (const place of document.querySelectorAll(".dl-playground")) new Playground(place);
