// ── ask.js: a question that waits for a guess, in figures and on pages ──────────────────────────────────────────────

/** An element with properties and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Record<string, any>} [properties] @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[Tag]} */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element && key !== "list") element[key] = value; else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Whether a number is right: of the same sign, and within a factor. */
function near(guess, answer, within) {
  return guess === answer || (guess / answer > 0 && Math.max(guess / answer, answer / guess) <= within);
}

/** How far off a number is, in words. */
function howFar(guess, answer) {
  const way = guess > answer ? "too large" : "too small";
  if (guess <= 0 || answer <= 0) return `${numberText(Math.abs(guess - answer))} ${way}`;
  const factor = Math.max(guess / answer, answer / guess);
  return factor < 2
    ? `${way} by ${numberText(100 * Math.abs(guess / answer - 1))} %` : `${way} by a factor of ${numberText(factor)}`;
}

/** Asks, keeps the guess, and asks again when told to. Its parts are placed by whoever made it. */
class Question {
  /**
   * @param {any} asked `id` in the record; `kind` choice, number or text; `options` [key, label] of a choice;
   *   `skip`: what the button says that shows without a guess; `title`: the element that asks;
   *   `right(guess)`: true, false, or null where there is no right or wrong
   * @param {any} then `asked()`: it waits; `answered(guess, right, now)`: guessed or skipped (null), now or on an
   *   earlier visit; returns the element at which the keyboard goes on
   */
  constructor(asked, then) {
    this.asked = asked;
    this.then = then;
    asked.title.id ||= `dl-question-${document.querySelectorAll("[id^=dl-question-]").length}`;
    this.named = { "aria-labelledby": asked.title.id };
    const group = asked.kind === "choice" ? { role: "group", ...this.named } : {}; // a field has its name itself
    this.answers = make("div", { className: "dl-answers", ...group });
    this.status = make("p", { className: "dl-feedback", role: "status" });
    const quiet = { type: "button", className: "dl-quiet" };
    this.again = make("button", { ...quiet, onclick: () => this.ask(true) }, "Ask me again");
    this.skip = make("button", { ...quiet, onclick: () => this.guess(null) }, asked.skip);
  }

  /** What was guessed on an earlier visit stands; else ask. */
  start() {
    const before = guessAt(this.asked.id);
    if (before === undefined) this.ask(false); else this.answer(before.guess, false);
  }

  ask(now) {
    this.again.hidden = true;
    this.status.replaceChildren();
    this.answers.replaceChildren(...(this.asked.kind === "choice" ? this.choices() : [this.entry()]), this.skip);
    this.then.asked();
    if (now) this.focus();
  }

  /** To the first answer that can be given. */
  focus() {
    /** @type {HTMLElement} */ (this.answers.querySelector("button, input")).focus();
  }

  choices() {
    return this.asked.options.map(([key, label]) =>
      make("button", { type: "button", onclick: () => this.guess(key) }, label));
  }

  /** A field for a number or for words. */
  entry() {
    const numeric = this.asked.kind === "number";
    const input = make("input", { type: numeric ? "number" : "text", required: true, ...this.named });
    if (numeric) input.step = "any";
    const form = make("form", {}, input, make("button", {}, "That is my guess"));
    form.onsubmit = (event) => {
      event.preventDefault();
      this.guess(numeric ? Number(input.value) : input.value);
    };
    return form;
  }

  guess(guess) {
    keepGuess(this.asked.id, guess, guess === null ? null : this.asked.right(guess));
    this.answer(guess, true);
  }

  answer(guess, now) {
    this.answers.replaceChildren();
    this.again.hidden = false;
    const next = this.then.answered(guess, guess === null ? null : this.asked.right(guess), now) ?? this.again;
    if (now) next.focus({ preventScroll: true }); // what she has just read stays where it is
  }
}
