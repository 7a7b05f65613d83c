// ── own.js: what the reader makes herself, a digit or a sentence, where frames are computed on the spot ─────────────

const OWN = "dlbook.own";

/** What the reader made last, by kind; kept in her own browser, for all figures. */
function kept() {
  return stored(OWN) ?? {};
}

function keep(kind, made) {
  try { localStorage.setItem(OWN, JSON.stringify({ ...kept(), [kind]: made })); } catch { /* for this visit only */ }
}

/** Stored ones to choose from, and behind them a place for the reader's own, which opens with `free`.
 * @param {(index: number) => Node | string} look what an option shows @param {Node[]} place where she makes it
 * @param {() => unknown} made what she has made, null while there is nothing */
function chooseOrMake(control, onMove, look, place, made) {
  const group = `dl-${++serial}`;
  const radio = (onchange) => make("input", { type: "radio", name: group, onchange });
  const inputs = control.values.map((_, index) => radio(() => onMove(index)));
  const labels = inputs.map((input, index) => make("label", {}, input, make("span", {}, look(index))));
  const mine = radio(() => made() !== null && onMove(made()));
  const own = make("label", { hidden: true }, mine, make("span", {}, "your own"));
  const workshop = make("div", { className: "dl-workshop", hidden: true }, ...place);
  const options = make("div", { className: "dl-options" }, ...labels, own);
  const legend = make("legend", {}, control.label);
  return {
    element: make("fieldset", { className: `dl-control dl-choice dl-${control.kind}` }, legend, options, workshop),
    set: (position) => { (inputs[position] ?? mine).checked = true; },
    free: () => { own.hidden = workshop.hidden = false; },
  };
}

BUILD.digit = (name, control, onMove) => {
  const pad = new Pad((levels) => onMove(levels));
  const clear = make("button", { type: "button", className: "dl-quiet", onclick: () => pad.clear() }, "Clear");
  const look = (index) => thumbnail(control.images[index], control.texts[index]);
  return chooseOrMake(control, onMove, look, [pad.element, pad.told, clear], () => pad.levels());
};

/** A stored digit as a small picture, ink dark on light paper in both themes. */
function thumbnail(levels, words) {
  const canvas = make("canvas", { width: 8, height: 8, className: "dl-thumbnail" });
  ink(canvas, levels, 1);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", words);
  return canvas;
}

/** 8 × 8 grey levels onto a canvas, `size` pixels each. */
function ink(canvas, levels, size) {
  const pen = canvas.getContext("2d");
  levels.forEach((level, i) => {
    const grey = Math.round(255 * (1 - level / 16));
    pen.fillStyle = `rgb(${grey}, ${grey}, ${grey})`;
    pen.fillRect(size * (i % 8), size * Math.floor(i / 8), size, size);
  });
  return pen;
}

/** Paper on which a digit is drawn as the scanner saw it: 32 × 32 points, each pixel the count of its 4 × 4. */
class Pad {
  /** @param {(levels: number[]) => void} onDrawn */
  constructor(onDrawn) {
    this.onDrawn = onDrawn;
    this.points = Uint8Array.from(kept().digit ?? "", Number);
    if (this.points.length !== 1024) this.points = new Uint8Array(1024);
    this.cursor = { x: 3, y: 3 };
    this.element = make("canvas", { width: 168, height: 168, className: "dl-pad", tabIndex: 0 });
    this.element.setAttribute("role", "application");
    this.element.setAttribute("aria-label", "Paper of 8 by 8 pixels. Draw; or go with the arrow keys, space puts or takes ink.");
    this.told = make("p", { className: "dl-told" });
    this.told.setAttribute("role", "status");
    this.listen();
    this.show();
  }

  listen() {
    const { element } = this;
    element.onpointerdown = (event) => {
      element.setPointerCapture(event.pointerId);
      this.last = this.place(event);
      this.dab(this.last, this.last);
    };
    element.onpointermove = (event) => {
      if (!element.hasPointerCapture(event.pointerId)) return;
      const now = this.place(event);
      this.dab(this.last, now);
      this.last = now;
    };
    element.onpointerup = () => this.done();
    element.onkeydown = (event) => this.key(event);
    element.onfocus = element.onblur = () => this.show();
  }

  /** Where a pointer is, in points. */
  place(event) {
    const box = this.element.getBoundingClientRect();
    return { x: 32 * (event.clientX - box.left) / box.width, y: 32 * (event.clientY - box.top) / box.height };
  }

  /** A stroke of a round pen, four points wide. */
  dab(from, to) {
    const steps = Math.ceil(2 * Math.hypot(to.x - from.x, to.y - from.y)) + 1;
    for (let s = 1; s <= steps; s++) {
      const x = from.x + (to.x - from.x) * s / steps, y = from.y + (to.y - from.y) * s / steps;
      this.points.forEach((_, i) => {
        if (Math.hypot((i % 32) + 0.5 - x, Math.floor(i / 32) + 0.5 - y) <= 2) this.points[i] = 1;
      });
    }
    this.show();
  }

  key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step && event.key !== " ") return;
    event.preventDefault();
    const { cursor } = this;
    if (step) {
      cursor.x = Math.min(7, Math.max(0, cursor.x + step[0]));
      cursor.y = Math.min(7, Math.max(0, cursor.y + step[1]));
      this.show();
    } else {
      const inked = this.levels(true)[8 * cursor.y + cursor.x] > 0;
      this.points.forEach((_, i) => {
        if (i % 32 >> 2 === cursor.x && i >> 7 === cursor.y) this.points[i] = inked ? 0 : 1;
      });
      this.done();
    }
    const level = this.levels(true)[8 * cursor.y + cursor.x];
    this.told.textContent = `row ${cursor.y + 1}, column ${cursor.x + 1}: ${level ? "ink" : "paper"}`;
  }

  /** The 64 grey levels; null while the paper is empty, unless they are wanted all the same. */
  levels(always = false) {
    const counts = new Array(64).fill(0);
    this.points.forEach((inked, i) => { counts[8 * (i >> 7) + (i % 32 >> 2)] += inked; });
    return always || counts.some(Boolean) ? counts : null;
  }

  clear() {
    this.points.fill(0);
    this.show();
  }

  done() {
    keep("digit", this.points.join(""));
    this.show();
    const levels = this.levels();
    if (levels) this.onDrawn(levels);
  }

  show() {
    const pen = ink(this.element, this.levels(true), 21);
    pen.strokeStyle = "#8884";
    for (let i = 0; i <= 8; i++) {
      pen.strokeRect(21 * i, -1, 0, 170);
      pen.strokeRect(-1, 21 * i, 170, 0);
    }
    if (document.activeElement !== this.element) return;
    pen.strokeStyle = "#0072b2";
    pen.lineWidth = 2;
    pen.strokeRect(21 * this.cursor.x + 1, 21 * this.cursor.y + 1, 19, 19);
    pen.lineWidth = 1;
  }
}

BUILD.sentence = (name, control, onMove) => {
  const input = make("input", { type: "text", autocomplete: "off", spellcheck: false, value: kept().sentence ?? "" });
  input.setAttribute("aria-label", "Your own sentence");
  const told = make("p", { className: "dl-told" });
  told.setAttribute("role", "status");
  const made = () => faultOf(input.value, control) ? null : input.value.trim().split(/\s+/).join(" ");
  input.oninput = () => {
    told.textContent = faultOf(input.value, control);
    if (made() === null) return;
    keep("sentence", made());
    onMove(made());
  };
  const add = (word) => () => {
    input.value = `${input.value.trim()} ${word}`.trim();
    input.dispatchEvent(new Event("input"));
  };
  const words = control.vocabulary.map((word) => make("button", { type: "button", onclick: add(word) }, word));
  const list = make("details", {}, make("summary", {}, `The ${words.length} words that are known here`),
    make("div", { className: "dl-words" }, ...words));
  const look = (index) => control.texts[index];
  return chooseOrMake(control, onMove, look, [input, told, list], made);
};

/** What keeps a sentence from being read, in words; empty when nothing does. @param {string} text @param {Control} control */
function faultOf(text, control) {
  const { vocabulary, words } = control;
  const found = text.trim().split(/\s+/).filter(Boolean);
  const foreign = found.find((word) => !vocabulary.includes(word));
  if (foreign) return `“${foreign}” is not one of the ${vocabulary.length} words that are known here.`;
  if (words && found.length !== words) return `${found.length} of ${words} words.`;
  return found.length ? "" : "Type words, or choose them below.";
}
