// ── playground.js: a small network that learns before one's eyes ─────────────────────────────────────────────────────
// Python (dlbook.playground.page) computes every number; here they are drawn, and choices become an address and a call.

const MODULE = "dlbook.playground.page";
const SMALL = 25; // numbers along a side of a unit's picture
const LONGEST = 20_000; // steps
const PATIENCE = 33; // milliseconds from picture to picture, where steps are many or slow
const OWN_SPAN = 1.5; // how far the square reaches when points are set by hand
const SPEEDS = { 1: "1 step", 5: "up to 5 steps", 25: "up to 25 steps", 100: "up to 100 steps" };
const COLOURS = ["paper", "ink", "muted", "grid", "input", "loss", "weight", "gradient", "activation"];
const KINDS = ["input", "loss"]; // colours of the two classes
const CURVES = [{ name: "loss", colour: "loss", dash: [], label: "own points" }, { name: "loss_test", colour: "ink", dash: [5, 3], label: "the test" }];
const TYPES = { Uint8Array, Int8Array, Float32Array };

/** @returns {any} an element */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function script(src) {
  return new Promise((done, failed) => {
    const onerror = () => failed(new Error(`${src} could not be loaded`));
    document.head.append(make("script", { src, onload: done, onerror }));
  });
}

const frame = () => new Promise(requestAnimationFrame);
const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const pixel = ([r, g, b]) => 0xff000000 + (b << 16) + (g << 8) + Math.round(r); // as ImageData holds it
const mixed = (from, to, share) => from.map((value, i) => value + share * (to[i] - value));
const short = (x) => (x === 0 ? "0" : x >= 0.01 && x < 1000 ? String(Number(x.toPrecision(2))) : x.toExponential(0).replace("e+", "e"));

/** A picture as Python sent it, or as the page has it stored: every array becomes a plain typed array. */
function plain(view) {
  const array = ({ type, letters, data }) => data ?? new TYPES[type](Uint8Array.from(atob(letters), (c) => c.charCodeAt(0)).buffer);
  return Object.fromEntries(Object.entries(view).map(([name, value]) => [name, value?.letters !== undefined || value?.data ? array(value) : value]));
}

/** A canvas as sharp as the screen. @returns {any} its pen, in the units of the page */
function pen(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas, scale = devicePixelRatio || 1;
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return Object.assign(context, { wide: width, high: height });
}

/** The book's colours as they are now, and what numbers become in a picture. */
class Colours {
  constructor() {
    const style = getComputedStyle(document.documentElement);
    /** @type {any} */
    this.of = Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--dl-${name}`).trim()]));
    const [paper, ...kinds] = ["paper", ...KINDS].map((name) => rgb(this.of[name]));
    const [on, off] = ["activation", "muted"].map((name) => rgb(this.of[name]));
    const output = (p) => mixed(paper, kinds[p > 0.5 ? 1 : 0], 0.14 + 0.5 * Math.abs(2 * p - 1)); // a seam where it is undecided
    this.output = Uint32Array.from({ length: 256 }, (_, i) => pixel(output(i / 255)));
    this.unit = Uint32Array.from({ length: 256 }, (_, i) => pixel(mixed(paper, i > 127 ? on : off, Math.abs(i - 127) / 140)));
  }
}

/** Numbers (0 … 255) as a small picture of their own. */
function painted(canvas, values, colours, offset = 0) {
  const side = Math.sqrt(values.length), context = canvas.getContext("2d"), image = new ImageData(side, side);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < values.length; i++) pixels[i] = colours[values[i] + offset];
  if (canvas.width !== side) Object.assign(canvas, { width: side, height: side });
  context.putImageData(image, 0, 0);
}

// ── the pictures ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** The large square: what the network, or one unit, answers everywhere; the points; a hand that sets points. */
class Square {
  constructor(set) {
    this.canvas = make("canvas", { className: "dl-square", tabIndex: -1 });
    this.canvas.setAttribute("role", "img");
    this.small = make("canvas");
    this.cross = [0, 0];
    this.canvas.onclick = (event) => {
      const box = this.canvas.getBoundingClientRect();
      const at = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      set([(2 * at[0] - 1) * this.span, (1 - 2 * at[1]) * this.span]);
    };
    this.canvas.addEventListener("keydown", (event) => this.typed(event, set));
  }

  /** By keys: the arrows move a cross, Enter sets a point there. */
  typed(event, set) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!this.own || !(way || event.key === "Enter")) return;
    event.preventDefault();
    if (way) this.cross = this.cross.map((x, i) => Math.max(-1.4, Math.min(1.4, x + 0.1 * way[i])));
    else set(this.cross);
    this.draw(this.last);
  }

  /** Whether the reader sets the points herself. */
  let(own) {
    this.own = own;
    this.canvas.tabIndex = own ? 0 : -1;
    this.canvas.classList.toggle("dl-own-points", own);
    this.canvas.setAttribute("role", own ? "application" : "img");
  }

  draw(shown) {
    if (!shown) return;
    this.last = shown;
    const { view, points, learns, span, colours, unit } = shown, draw = pen(this.canvas), side = draw.wide;
    this.span = span;
    if (view) {
      const part = unit === null ? view.map : view.units.subarray(unit * SMALL ** 2, (unit + 1) * SMALL ** 2);
      if (unit === null) painted(this.small, part, colours.output);
      else painted(this.small, part, colours.unit, 127);
      draw.drawImage(this.small, 0, 0, side, side);
    }
    /** @returns {[number, number]} */
    const place = (x, y) => [((x / span + 1) / 2) * side, ((1 - y / span) / 2) * side];
    const count = points.length / 3;
    for (let i = count - 1; i >= 0; i--) {
      if (this.own && i >= learns) continue; // the test is the same points
      this.point(draw, place(points[3 * i], points[3 * i + 1]), points[3 * i + 2], i < learns ? (learns > 150 ? 3.6 : 5) : 1.7, colours.of);
    }
    if (this.own && document.activeElement === this.canvas) this.aim(draw, place(this.cross[0], this.cross[1]), colours.of.ink);
  }

  point(draw, [x, y], kind, size, colours) {
    draw.beginPath();
    if (kind) {
      const far = 1.25 * size;
      draw.moveTo(x, y - far);
      for (const [dx, dy] of [[far, 0], [0, far], [-far, 0]]) draw.lineTo(x + dx, y + dy);
      draw.closePath();
    } else draw.arc(x, y, size, 0, 7);
    draw.fillStyle = colours[KINDS[kind]];
    draw.fill();
    if (size < 2) return;
    draw.strokeStyle = colours.paper;
    draw.lineWidth = 1.2;
    draw.stroke();
  }

  aim(draw, [x, y], ink) {
    draw.strokeStyle = ink;
    draw.lineWidth = 1.5;
    draw.beginPath();
    for (const [dx, dy] of [[9, 0], [0, 9]]) {
      draw.moveTo(x - dx, y - dy);
      draw.lineTo(x + dx, y + dy);
    }
    draw.stroke();
  }
}

/** The network: a column a layer, a button a unit, its picture in it; the weights behind, the gradients below. */
class Network {
  constructor(choose) {
    this.choose = choose;
    this.lines = make("canvas", { className: "dl-lines" });
    this.columns = make("div", { className: "dl-columns" });
    this.element = make("div", { className: "dl-net" }, this.lines, this.columns);
  }

  /** Build it anew for layers written as in an address. */
  build(layers) {
    const widths = layers.split("-").filter(Boolean).map(Number);
    this.layers = layers;
    this.widths = [2, ...widths, 1];
    this.units = [];
    const last = this.widths.length - 1;
    let number = 0;
    const column = (width, layer) => {
      const name = layer === 0 ? "inputs" : layer === last ? "output" : `layer ${layer}`;
      const cells = Array.from({ length: width }, (_, i) => {
        if (layer === 0) return make("span", { className: "dl-unit" }, make("canvas"), make("b", { textContent: i ? "y" : "x" }));
        const unit = layer === last ? null : number++;
        const label = layer === last ? "The output, large" : `Unit ${i + 1} of layer ${layer}, large`;
        const button = make("button", { type: "button", className: "dl-unit", ariaLabel: label, onclick: () => this.choose(unit) }, make("canvas"));
        this.units.push({ unit, button });
        return button;
      });
      const size = make("span", { className: "dl-size", ariaHidden: "true" }, make("i"), make("small"));
      return make("div", { className: "dl-layer" }, make("small", { textContent: name }), make("div", {}, ...cells), layer ? size : make("span", { className: "dl-size" }));
    };
    this.columns.replaceChildren(...this.widths.map(column));
    this.places = null;
  }

  /** Where the units stand, measured when it is needed. */
  measure() {
    const home = this.element.getBoundingClientRect();
    const place = (cell) => {
      const box = cell.getBoundingClientRect();
      return { left: box.left - home.left, right: box.right - home.left, y: box.top + box.height / 2 - home.top };
    };
    this.places = [...this.columns.children].map((column) => [...column.querySelectorAll(".dl-unit")].map(place));
  }

  draw({ view: seen, colours, unit }) {
    const view = seen?.layers === this.layers ? seen : null; // or it is of the network before this one
    for (const { unit: own, button } of this.units) {
      button.setAttribute("aria-pressed", String(own === unit));
      if (!view) continue;
      if (own === null) painted(button.firstChild, view.map, colours.output);
      else painted(button.firstChild, view.units.subarray(own * SMALL ** 2, (own + 1) * SMALL ** 2), colours.unit, 127);
    }
    this.inputs(colours);
    if (!this.places) this.measure();
    const draw = pen(this.lines);
    if (!view) return;
    let at = 0;
    const most = view.weights.reduce((high, weight) => Math.max(high, Math.abs(weight)), 2);
    draw.strokeStyle = colours.of.weight;
    for (let layer = 1; layer < this.widths.length; layer++) {
      for (let i = 0; i < this.widths[layer]; i++) {
        for (let j = 0; j < this.widths[layer - 1]; j++) this.line(draw, this.places[layer - 1][j], this.places[layer][i], view.weights[at++] / most);
      }
      const size = view.gradients[layer - 1], [bar, text] = this.columns.children[layer].querySelectorAll(".dl-size > *");
      bar.style.width = `${Math.max(0, Math.min(1, 1 + Math.log10(size || 1e-9) / 6)) * 100}%`; // from 1e-6 to 1
      text.textContent = Number.isFinite(size) ? short(size) : "∞";
    }
  }

  line(draw, from, to, weight) {
    const size = Math.abs(weight); // as a part of the largest
    draw.globalAlpha = Math.min(1, 0.2 + size);
    draw.lineWidth = 0.6 + 4 * size;
    draw.setLineDash(weight < 0 ? [4, 4] : []);
    draw.beginPath();
    draw.moveTo(from.right, from.y);
    draw.bezierCurveTo((from.right + to.left) / 2, from.y, (from.right + to.left) / 2, to.y, to.left, to.y);
    draw.stroke();
  }

  /** What the inputs are: how far to the right, and how far up. */
  inputs(colours) {
    if (this.painted === colours && this.columns.querySelector("span canvas").width === SMALL) return;
    const value = (k) => Math.round(254 * (k / (SMALL - 1)));
    this.columns.querySelectorAll("span canvas").forEach((canvas, axis) => {
      const values = Array.from({ length: SMALL ** 2 }, (_, i) => value(axis ? SMALL - 1 - Math.floor(i / SMALL) : i % SMALL));
      painted(canvas, values, colours.unit);
    });
    this.painted = colours;
  }
}

/** The loss: of each step, and of all points at every picture. The scale is logarithmic. */
class Curve {
  constructor() { this.canvas = make("canvas", { className: "dl-curve" }); this.canvas.setAttribute("role", "img"); }

  draw({ losses, history, colours, own }) {
    const draw = pen(this.canvas), left = 40, right = draw.wide - 78, bottom = draw.high - 20, top = 8;
    const last = Math.max(losses.length, 10), stride = Math.ceil(last / 600);
    /** @type {[number, number][]} */
    const steps = losses.flatMap((loss, i) => (i % stride ? [] : [[i, loss]]));
    const heights = [...steps.map(([, loss]) => loss), ...history.flatMap((one) => [one.loss, one.loss_test])].filter((x) => x > 0 && x < 1e9).map(Math.log10);
    const [low, high] = [Math.max(-5, Math.floor(Math.min(-1, ...heights))), Math.ceil(Math.max(0, ...heights))];
    const across = (step) => left + (step / last) * (right - left);
    const up = (loss) => bottom - ((Math.max(low, Math.log10(loss)) - low) / (high - low)) * (bottom - top);
    draw.font = '12px "Source Sans 3", sans-serif';
    draw.lineWidth = 1;
    for (let e = low; e <= high; e++) {
      draw.fillStyle = colours.of.muted;
      draw.strokeStyle = colours.of.grid;
      draw.textAlign = "right";
      draw.fillText(e < -3 || e > 3 ? `1e${e}` : String(Number((10 ** e).toPrecision(1))), left - 6, up(10 ** e) + 4);
      this.path(draw, [[left, up(10 ** e)], [right, up(10 ** e)]]);
    }
    draw.textAlign = "left";
    draw.fillText("0", left, bottom + 15);
    draw.textAlign = "right";
    draw.fillText(`step ${last}`, right, bottom + 15);
    draw.strokeStyle = colours.of.loss;
    draw.globalAlpha = 0.35;
    this.path(draw, steps.map(([step, loss]) => [across(step), up(loss)]));
    draw.globalAlpha = 1;
    draw.lineWidth = 2;
    const ends = [];
    for (const { name, colour, dash, label } of CURVES) {
      if (own && name === "loss_test") continue;
      draw.strokeStyle = colours.of[colour];
      draw.setLineDash(dash);
      const points = history.map((one) => [across(one.step), up(one[name])]).filter(([, y]) => Number.isFinite(y));
      this.path(draw, points.length > 1 ? points : points.map(([x, y]) => [[x - 4, y], [x, y]]).flat());
      if (points.length) ends.push({ y: points.at(-1)[1], colour, label });
    }
    draw.setLineDash([]);
    ends.sort((a, b) => a.y - b.y);
    if (ends.length === 2 && ends[1].y - ends[0].y < 14) [ends[0].y, ends[1].y] = [(ends[0].y + ends[1].y) / 2 - 7, (ends[0].y + ends[1].y) / 2 + 7];
    draw.textAlign = "left";
    for (const { y, colour, label } of ends) {
      draw.fillStyle = colours.of[colour];
      draw.fillText(label, right + 6, Math.max(12, Math.min(bottom, y + 4)));
    }
  }

  path(draw, points) {
    draw.beginPath();
    for (const [x, y] of points) if (Number.isFinite(y)) draw.lineTo(x, y);
    draw.stroke();
  }
}

// ── the playground ───────────────────────────────────────────────────────────────────────────────────────────────────

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
    this.network = new Network((unit) => { this.unit = unit; this.draw(); });
    this.curve = new Curve();
    this.build();
    this.watch();
    this.obey();
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
    const view = make("div", { className: "dl-view" }, make("div", { className: "dl-frame" }, this.square.canvas, this.count, this.over), keys);
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
    labels.splice(1, 0, this.brushLabel);
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

  /** What the address says: a problem, settings, a step. */
  obey() {
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
    if (name === "playground" && query !== undefined) this.place.scrollIntoView();
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
    const asked = this.ask("start", { settings: { ...this.state }, step, problem: this.problem });
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
    const shape = this.state.layers;
    if (shape !== this.network.layers) {
      this.unit = null;
      this.network.build(shape);
    }
    this.show();
    if (this.running) this.open(step).catch((error) => this.lost(error));
    else this.draw();
  }

  /** A picture has come. `anew`: it holds all losses up to its step; with points in it, it is the first of a run. */
  take(view, anew = false) {
    if (view.era !== this.era) return; // it comes too late: something else was chosen
    if (view.points) Object.assign(this, { points: view.points, learns: view.learns, span: view.span, history: [] });
    if (anew) this.losses = [];
    this.losses.push(...view.losses);
    this.history = this.history.filter(({ step }) => step < view.step);
    this.history.push({ step: view.step, loss: view.loss, loss_test: view.loss_test });
    if (this.history.length > 1200) this.history = this.history.filter((_, i) => i % 2 === 0);
    this.picture = Object.assign(view, { layers: this.state.layers });
    this.step = view.step;
    this.draw();
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
    const shown = { view, colours, unit, own, points: this.points, learns: this.learns, span: this.span, losses: this.losses, history: this.history };
    if (!view) Object.assign(shown, { points: [], losses: [], history: [] });
    this.drawVerdict(view?.verdict);
    this.square.draw(shown);
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
