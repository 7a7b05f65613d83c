// ── pad.js: paper on which the reader draws a digit; by figures, and by the playground ──────────────────────────────

const OWN = "dlbook.own";

/** What the reader made last, by kind; kept in her own browser, for all figures. */
function kept() {
  try { return JSON.parse(localStorage.getItem(OWN)) ?? {}; } catch { return {}; } // unreadable, or refused
}

function keep(kind, made) {
  try { localStorage.setItem(OWN, JSON.stringify({ ...kept(), [kind]: made })); } catch { /* for this visit only */ }
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

  /** Put grey levels onto the paper: as many points of each pixel as its level says. @param {ArrayLike<number>} levels */
  load(levels) {
    this.points.forEach((_, i) => {
      const within = 4 * ((i >> 5) % 4) + (i % 4);
      this.points[i] = Number(within < levels[8 * (i >> 7) + (i % 32 >> 2)]);
    });
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
