// ── pictures.js: what the playground draws: the square, the network, the loss ─────────────────────────────────────────

const SMALL = 25; // numbers along a side of a unit's picture of the plane
const PIXELS = 64; // of a digit
const OWN_SPAN = 1.5; // how far the square reaches when points are set by hand
const COLOURS = ["paper", "ink", "muted", "grid", "input", "loss", "weight", "gradient", "activation"];
const KINDS = ["input", "loss"]; // colours of the two classes
const CURVES = [{ name: "loss", colour: "loss", dash: [], label: "own points" }, { name: "loss_test", colour: "ink", dash: [5, 3], label: "the test" }];

/** @returns {any} an element */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const pixel = ([r, g, b]) => 0xff000000 + (b << 16) + (g << 8) + Math.round(r); // as ImageData holds it
const mixed = (from, to, share) => from.map((value, i) => value + share * (to[i] - value));
const short = (x) => (x === 0 ? "0" : x >= 0.01 && x < 1000 ? String(Number(x.toPrecision(2))) : x.toExponential(0).replace("e+", "e"));

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

/** The picture of one unit, or of the output, which is no unit. */
function paintUnit(canvas, view, unit, colours) {
  const size = view.map.length === PIXELS ? PIXELS : SMALL ** 2;
  if (unit === null) painted(canvas, view.map, colours.output);
  else painted(canvas, view.units.subarray(unit * size, (unit + 1) * size), colours.unit, 127);
}

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
      paintUnit(this.small, view, unit, colours);
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

/** The paper: a digit, by hand or from the test. Behind it, pixel by pixel, whether ink there speaks for or against. */
class Paper extends Pad {
  constructor(drawn) {
    super(drawn);
    this.element.className = "dl-paper";
    this.small = make("canvas");
  }

  draw(shown) {
    this.shown = shown;
    this.show();
  }

  show() {
    if (!this.shown) return;
    const { view, colours, unit } = this.shown, draw = pen(this.element), cell = draw.wide / 8;
    draw.imageSmoothingEnabled = false;
    if (view?.map.length === PIXELS) {
      paintUnit(this.small, view, unit, colours);
      draw.drawImage(this.small, 0, 0, draw.wide, draw.wide);
    }
    draw.fillStyle = colours.of.ink;
    this.levels(true).forEach((level, i) => {
      const size = 0.85 * cell * Math.sqrt(level / 16), margin = (cell - size) / 2;
      draw.fillRect((i % 8) * cell + margin, Math.floor(i / 8) * cell + margin, size, size);
    });
    if (document.activeElement !== this.element) return;
    draw.strokeStyle = colours.of.ink;
    draw.lineWidth = 2;
    draw.strokeRect(this.cursor.x * cell + 1, this.cursor.y * cell + 1, cell - 2, cell - 2);
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

  /** Build it anew for a shape, "2-4-4": how many inputs, and the units of each hidden layer. */
  build(shape) {
    const [inputs, ...widths] = shape.split("-").filter(Boolean).map(Number), names = inputs === 2 ? ["x", "y"] : [""];
    this.shape = shape;
    this.widths = [names.length, ...widths, 1]; // a digit is one picture
    this.units = [];
    const last = this.widths.length - 1;
    let number = 0;
    const column = (width, layer) => {
      const name = layer === 0 ? "inputs" : layer === last ? "output" : `layer ${layer}`;
      const cells = Array.from({ length: width }, (_, i) => {
        if (layer === 0) return make("span", { className: "dl-unit" }, make("canvas"), make("b", { textContent: names[i] }));
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

  draw({ view: seen, colours, unit, digit }) {
    const view = seen?.shape === this.shape ? seen : null; // or it is of the network before this one
    for (const { unit: own, button } of this.units) {
      button.setAttribute("aria-pressed", String(own === unit));
      if (!view) continue;
      paintUnit(button.firstChild, view, own, colours);
    }
    if (this.widths[0] === 1) painted(this.columns.querySelector("span canvas"), digit.map((level) => -8 * level), colours.unit, 127);
    else this.inputs(colours);
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
