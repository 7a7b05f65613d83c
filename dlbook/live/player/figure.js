// ── figure.js: a figure brought to life, from whichever source its frames come ──────────────────────────────────────

/** A live figure in its element. Its source gives `frame(state)`, or a promise of it, and `data`: charts and code. */
class Figure {
  /** @param {HTMLElement & {figure?: Figure}} element <live-figure> with its poster @param {Declaration} declared */
  constructor(element, declared) {
    this.element = element;
    this.declared = declared;
    /** @type {Clock[]} */
    this.clocks = [];
    /** @type {Record<string, Widget>} */
    this.widgets = {};
    /** @type {Grip[]} */
    this.grips = [];
    /** @type {Panel[]} */
    this.panels = [];
    /** What the panels owe the page. @type {Set<"resize"|"show">} */
    this.due = new Set();
    /** Told when a control has moved. @type {() => void} */
    this.onMove = () => {};
    this.note = make("p", { className: "dl-error" });
    this.note.setAttribute("role", "alert");
    element.figure = this;
    this.controls = Object.entries(declared.controls);
    this.state = this.opening();
    this.picture = /** @type {HTMLElement} */ (element.querySelector(".dl-picture"));
    this.says = element.querySelector(".dl-says");
    this.posterSays = this.says.textContent;
    this.says.setAttribute("role", "status");
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", declared.title);
    lendColours(element);
    this.build();
  }

  /** Inputs and buttons; they work once the frames are there. */
  build() {
    for (const [name, control] of this.controls) {
      this.widgets[name] = BUILD[control.kind](name, control, (index) => this.move({ [name]: index }), this);
      this.widgets[name].set(this.state[name]);
    }
    this.fields = make("fieldset", { className: "dl-controls", disabled: true },
      make("legend", {}, "Controls"), ...this.controls.map(([name]) => this.widgets[name].element));
    const reset = make("button", { type: "button", className: "dl-quiet" }, "Reset");
    reset.onclick = () => this.move(this.opening());
    this.tools = make("div", { className: "dl-tools" }, reset);
    this.element.querySelector(".dl-side").append(this.fields);
    this.says.after(this.tools);
  }

  /** The charts and the code have come: draw, ask, listen. @param {Source} source */
  async start(source) {
    this.watch();
    const boxes = /** @type {HTMLElement[]} */ ([...this.picture.querySelectorAll(".dl-panel")]);
    this.panels = boxes.map((box, i) => new Panel(box, source.data.specs[i]));
    await Promise.all(this.panels.map((panel) => panel.show()));
    this.grips = this.declared.handles.map((handle) => new Grip(handle, this.panels[handle.panel], this));
    addCode(this, source.data.source);
    this.source = source;
    if (source.own) for (const widget of Object.values(this.widgets)) widget.free?.();
    await this.refresh();
    this.ask();
    if (this.element.dataset.state !== "error") this.element.dataset.state = "ready";
  }

  /** The question first, where there is one; then the controls are free. */
  ask() {
    if (!this.declared.predict) {
      this.fields.disabled = false;
      return;
    }
    const { box, again } = askFirst(this.declared, (see) => {
      this.fields.disabled = false;
      if (Object.keys(see).length) this.move({ ...this.state, ...this.indices(see) });
    });
    this.picture.parentElement.before(box);
    this.tools.append(again);
  }

  /** Follow the width of the page and its colours: in turn with the frames, for a panel does one thing at a time. */
  watch() {
    const stage = this.picture.parentElement, side = this.fields.parentElement;
    new ResizeObserver(() => {
      const rest = stage.getBoundingClientRect().bottom - side.getBoundingClientRect().bottom;
      stage.style.setProperty("--rest", `${rest}px`); // what a phone shows below the controls
      this.due.add("resize");
      this.work();
    }).observe(stage);
    let theme = JSON.stringify(colours());
    const recolour = () => {
      const now = JSON.stringify(colours());
      if (now === theme) return;
      theme = now;
      lendColours(this.element);
      this.due.add("show");
      this.refresh();
    };
    const observer = new MutationObserver(recolour);
    for (const root of [document.documentElement, document.body]) observer.observe(root, { attributes: true });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  }

  // ── state: for each control the index of its position ──

  opening() {
    return Object.fromEntries(this.controls.map(([name, control]) => [name, control.start]));
  }

  values(state = this.state) {
    return Object.fromEntries(this.controls.map(([name, control]) => [name, valueAt(control, state[name])]));
  }

  /** Named values → positions; what no control can take is left out. @param {Record<string, Value>} values */
  indices(values) {
    /** @type {[string, number][]} */
    const found = Object.entries(values).map(([name, value]) => {
      const control = this.declared.controls[name], all = control?.values ?? [];
      if (typeof all[0] !== "number") return [name, all.findIndex((v) => String(v) === String(value))];
      return [name, nearest(control, (v) => Math.abs(v - Number(value)))];
    });
    return Object.fromEntries(found.filter(([, index]) => index >= 0));
  }

  /** Put controls at positions and show what follows. @param {State} indices */
  move(indices) {
    Object.assign(this.state, indices);
    for (const [name, index] of Object.entries(indices)) this.widgets[name].set(index);
    this.onMove();
    return this.refresh();
  }

  // ── drawing ──

  /** Draw the newest state, one frame at a time and none that came in between; the promise is kept when it is drawn. */
  refresh() {
    this.stale = true;
    return this.work();
  }

  work() {
    if (this.source) this.working ??= this.workOff();
    return this.working;
  }

  async workOff() {
    while (this.stale || this.due.size) {
      try {
        await this.followPage();
        if (!this.stale) continue;
        this.stale = false;
        await this.drawState({ ...this.state });
        this.fail("");
      } catch (error) {
        this.fail(error.message);
      }
    }
    this.working = null;
  }

  /** The last picture, which an error keeps, in the colours and at the size of the page as they are now. */
  async followPage() {
    for (const act of this.due) {
      this.due.delete(act);
      await Promise.all(this.panels.map((panel) => panel[act]()));
      if (this.drawn) this.placeGrips();
    }
  }

  /** @param {State} state */
  async drawState(state) {
    const key = JSON.stringify(this.declared.order.map((name) => state[name]));
    if (key !== this.drawn?.key) this.drawn = { key, frame: await this.source.frame(state) };
    const { frame } = this.drawn, values = this.values(state);
    await Promise.all(this.panels.map((panel) => panel.draw(frame, values)));
    const free = this.controls.filter(([, control]) => !control.framed)
      .map(([name, control]) => [name, { index: state[name], text: control.texts[state[name]] }]);
    this.tell(sentence(frame, Object.fromEntries(free)));
    this.placeGrips();
  }

  placeGrips() {
    for (const grip of this.grips) grip.place(this.values());
  }

  tell(words) {
    if (this.says.textContent !== words) this.says.textContent = words; // or it would be read out again
    this.picture.setAttribute("aria-label", words);
  }

  /** While time plays, the sentence is not read out at every step. */
  quiet(playing) {
    this.says.setAttribute("aria-live", playing ? "off" : "polite");
  }

  /** Say what went wrong and keep the picture that is there. */
  fail(message) {
    this.note.textContent = message;
    if (message) this.says.before(this.note); else this.note.remove();
    if (message) this.element.dataset.state = "error";
    else if (this.element.dataset.state === "error") this.element.dataset.state = "ready";
  }
}

/** "Show the code": the function, and the call that gives this very frame.
 * @param {Figure} figure @param {string} source */
function addCode(figure, source) {
  const call = make("code"), code = make("pre", { tabIndex: 0 }, make("code", {}, source));
  code.setAttribute("role", "group");
  code.setAttribute("aria-label", "The code of this figure");
  const quote = (value) => typeof value === "string" || Array.isArray(value) ? JSON.stringify(value)
    : typeof value === "boolean" ? (value ? "True" : "False") : String(value);
  const details = make("details", { className: "dl-code" }, make("summary", {}, "Show the code"),
    make("p", {}, "This frame is ", call), code);
  const say = () => {
    const values = figure.values();
    const framed = figure.declared.order.map((name) => `${name}=${quote(values[name])}`);
    call.textContent = `${figure.declared.name}(${framed.join(", ")})`;
  };
  details.ontoggle = say;
  figure.fields.addEventListener("input", () => details.open && say());
  say();
  figure.tools.append(details);
}
