// A stepping drawing: its pictures lie over one another, and buttons, keys and fingers go through them.
// It stands in each drawing's own output, so that it works in a notebook and from a disk as in the book.
(() => {
  "use strict";
  // Only a page of the book has an address of its own; Sphinx writes this attribute.
  const ownAddress = "content_root" in document.documentElement.dataset;
  const KEYS = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
  const SWIPE = 30, TAP = 10; // pixels

  class Stepping {
    /** @param {HTMLElement} figure */
    constructor(figure) {
      this.figure = figure;
      this.steps = [...figure.querySelectorAll(".dl-step")];
      this.back = this.button("Back", -1);
      this.next = this.button("Next", 1);
      const buttons = document.createElement("div");
      buttons.className = "dl-turn";
      buttons.append(this.back, this.next);
      this.says = document.createElement("p"); // the step's sentence once more, where a change of it is announced
      this.says.className = "dl-now";
      this.says.setAttribute("role", "status");
      const all = figure.querySelector(".dl-steps");
      all.append(buttons, this.says);
      figure.addEventListener("keydown", (event) => this.key(event));
      this.fingers(all);
      this.go(1);
      if (ownAddress) this.followAddress();
    }

    button(name, by) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () => this.turn(by));
      return button;
    }

    /** Show a step, 1 for the first. At an end the button keeps the focus, so it is marked rather than disabled. */
    go(step) {
      this.step = step;
      this.figure.dataset.step = String(step);
      this.steps.forEach((one, i) => one.classList.toggle("dl-shown", i + 1 === step));
      this.says.innerHTML = this.steps[step - 1].querySelector("p").innerHTML;
      this.back.setAttribute("aria-disabled", String(step === 1));
      this.next.setAttribute("aria-disabled", String(step === this.steps.length));
    }

    /** The reader turns forwards or backwards, and the address with her. */
    turn(by) {
      const step = Math.max(1, Math.min(this.steps.length, this.step + by));
      if (step === this.step) return;
      this.go(step);
      if (!ownAddress) return;
      clearTimeout(this.timer); // browsers limit how often an address may change
      this.timer = setTimeout(() => history.replaceState(history.state, "", `#${this.figure.id}?step=${step}`), 300);
    }

    key(event) {
      if (!(event.key in KEYS) || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      event.stopPropagation(); // a notebook has uses of its own for these keys
      this.turn(KEYS[event.key]);
    }

    /** A swipe turns; so does a tap: forwards on the right half of the picture, backwards on the left. */
    fingers(all) {
      let from = null;
      all.addEventListener("pointerdown", (event) => { from = event.target.closest("svg") && event; });
      all.addEventListener("pointercancel", () => { from = null; });
      all.addEventListener("pointerup", (event) => {
        if (!from || event.pointerType === "mouse" || event.pointerId !== from.pointerId) return;
        const x = event.clientX - from.clientX, y = event.clientY - from.clientY;
        const box = all.getBoundingClientRect(), right = event.clientX > box.left + box.width / 2;
        if (Math.abs(x) > SWIPE && Math.abs(x) > Math.abs(y)) this.turn(x < 0 ? 1 : -1);
        else if (Math.hypot(x, y) < TAP) this.turn(right ? 1 : -1);
      });
    }

    /** `#name?step=3` names a step: take it on, and come into sight. */
    followAddress() {
      const [visit] = performance.getEntriesByType("navigation"); // by reload and Back the browser returns to her place
      const obey = (come = true) => {
        const [name, query] = location.hash.slice(1).split("?");
        const step = Number(new URLSearchParams(query).get("step"));
        if (name !== this.figure.id || !this.steps[step - 1]) return;
        this.go(step);
        if (come) this.figure.scrollIntoView();
      };
      const first = () => obey(visit?.type === "navigate");
      addEventListener("hashchange", () => obey());
      if (document.readyState === "loading") addEventListener("DOMContentLoaded", first); else first();
    }
  }

  document.querySelectorAll(".dl-stepping:not([data-step])").forEach((figure) => new Stepping(figure));
})();
