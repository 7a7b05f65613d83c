// ── handles.js: grips in the picture that move controls ─────────────────────────────────────────────────────────────

/** A grip in a panel's box. For keyboard and screen reader the inputs do the same, so it is hidden from them. */
class Grip {
  /** @param {Declaration["handles"][0]} declared the controls it moves @param {Panel} panel @param {Figure} figure */
  constructor({ x, y }, panel, figure) {
    this.x = x;
    this.y = y;
    this.panel = panel;
    this.figure = figure;
    this.element = make("div", { className: "dl-handle" });
    this.element.setAttribute("aria-hidden", "true");
    if (!x || !y) this.element.classList.add(x ? "dl-along-x" : "dl-along-y");
    this.element.onpointerdown = (event) => this.grab(event);
    panel.box.append(this.element);
  }

  grab(event) {
    if (this.figure.fields.disabled) return;
    event.preventDefault();
    this.element.setPointerCapture(event.pointerId);
    this.element.onpointermove = (moved) => this.drag(moved);
    this.element.onpointerup = this.element.onpointercancel = () => { this.element.onpointermove = null; };
  }

  /** Put each control at the position nearest to the pointer. @param {PointerEvent} event */
  drag(event) {
    const box = this.panel.box.getBoundingClientRect(), { left, top } = this.panel.plot();
    /** @type {State} */
    const moved = {};
    /** @type {["x"|"y", string, number][]} */
    const axes = [["x", this.x, event.clientX - box.left - left], ["y", this.y, event.clientY - box.top - top]];
    for (const [channel, name, at] of axes.filter(([, name]) => name)) {
      moved[name] = nearest(this.figure.declared.controls[name], (v) => Math.abs(this.panel.scaled(channel, v) - at));
    }
    if (Object.entries(moved).some(([name, index]) => this.figure.state[name] !== index)) this.figure.move(moved);
  }

  /** Go where the controls are. @param {Record<string, any>} values */
  place(values) {
    const { left, top, width, height } = this.panel.plot(), { style } = this.element;
    if (this.x) style.left = `${left + this.panel.scaled("x", values[this.x])}px`;
    else Object.assign(style, { left: `${left}px`, width: `${width}px` });
    if (this.y) style.top = `${top + this.panel.scaled("y", values[this.y])}px`;
    else Object.assign(style, { top: `${top}px`, height: `${height}px` });
  }
}
