// ── controls.js: native inputs; each has a visible label and value ──────────────────────────────────────────────────

let serial = 0;

/** A range input over a control's positions. @param {Control} control */
function range(control, index, onMove) {
  const input = make("input", { type: "range", min: 0, max: control.values.length - 1, step: 1, id: `dl-${++serial}` });
  input.value = index;
  input.oninput = () => onMove(Number(input.value));
  return input;
}

/** Builders by kind; own.js adds its two.
 * @type {Partial<Record<Control["kind"],
 *   (name: string, control: Control, onMove: (position: number | Own) => void, figure: Figure) => Widget>>} */
const BUILD = {
  slider(name, control, onMove) {
    const input = range(control, control.start, onMove), output = make("output");
    output.htmlFor = input.id;
    const label = make("label", { htmlFor: input.id }, control.label);
    const set = (position) => {
      input.value = position;
      input.setAttribute("aria-valuetext", textAt(control, position));
      input.style.setProperty("--part", String(position / (control.values.length - 1)));
      output.textContent = textAt(control, position);
    };
    const free = control.between && (() => {
      control.free = true;
      input.step = "0.1";
    });
    return { element: make("div", { className: "dl-control dl-slider" }, label, output, input), set, free };
  },

  choice(name, control, onMove) {
    const group = `dl-${++serial}`;
    const inputs = control.values.map((_, index) =>
      make("input", { type: "radio", name: group, onchange: () => onMove(index) }));
    const labels = inputs.map((input, index) => make("label", {}, input, make("span", {}, control.texts[index])));
    const options = make("div", { className: "dl-options" }, ...labels);
    const element = make("fieldset", { className: "dl-control dl-choice" }, make("legend", {}, control.label), options);
    return { element, set: (index) => { inputs[index].checked = true; } };
  },

  switch(name, control, onMove) {
    const input = make("input", { type: "checkbox", onchange: () => onMove(Number(input.checked)) });
    input.setAttribute("role", "switch");
    const element = make("label", { className: "dl-control dl-switch" }, input, make("span", {}, control.label));
    return { element, set: (index) => { input.checked = Boolean(index); } };
  },

  time(name, control, onMove, figure) {
    const made = BUILD.slider(name, control, (index) => { clock.stop(); onMove(index); }, figure);
    const last = control.values.length - 1;
    const button = (label, text, act) => {
      const element = make("button", { type: "button", title: label, onclick: act }, text);
      element.setAttribute("aria-label", `${label}: ${control.label}`);
      return element;
    };
    const speed = make("select", {}, ...[0.25, 0.5, 1, 2, 4].map((s) => make("option", { value: s }, `${s}×`)));
    speed.setAttribute("aria-label", `Speed: ${control.label}`);
    speed.value = "1";
    const now = () => figure.state[name];
    const clock = new Clock(() => control.per_second * Number(speed.value), () => {
      if (now() >= last) return clock.stop();
      onMove(now() + 1);
    }, (playing) => {
      play.textContent = playing ? "❚❚" : "▶";
      play.title = playing ? "Pause" : "Play";
      play.setAttribute("aria-label", `${play.title}: ${control.label}`);
      figure.quiet(playing);
    });
    const move = (by) => { clock.stop(); onMove(Math.min(last, Math.max(0, now() + by))); };
    const play = button("Play", "▶", () => {
      if (!clock.timer && now() >= last) onMove(0);
      clock.toggle();
    });
    play.className = "dl-play";
    const keys = make("div", { className: "dl-keys" }, play, button("Step back", "‹", () => move(-1)),
      button("Step forward", "›", () => move(1)), speed);
    made.element.classList.add("dl-time");
    made.element.append(keys);
    figure.clocks.push(clock);
    return made;
  },
};

/** Ticks while it runs; it never starts by itself. */
class Clock {
  /** @param {() => number} rate ticks a second @param {() => void} tick @param {(running: boolean) => void} changed */
  constructor(rate, tick, changed) {
    this.rate = rate;
    this.tick = tick;
    this.changed = changed;
    this.timer = 0;
  }

  toggle() { this.timer ? this.stop() : this.start(); }

  start() {
    this.wait();
    this.changed(true);
  }

  wait() { this.timer = setTimeout(() => { this.wait(); this.tick(); }, 1000 / this.rate()); }

  stop() {
    clearTimeout(this.timer);
    if (this.timer) this.changed(false);
    this.timer = 0;
  }
}
