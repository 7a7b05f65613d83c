// ── predict.js: the guess before the answer; it never leaves the reader's browser ───────────────────────────────────

const GUESSES = "dlbook.guesses";

/** The reader's guesses by figure; an empty object where the browser keeps nothing. */
function guesses() {
  try { return JSON.parse(localStorage.getItem(GUESSES)) ?? {}; } catch { return {}; }
}

function keepGuess(name, guess) {
  try { localStorage.setItem(GUESSES, JSON.stringify({ ...guesses(), [name]: guess })); } catch { /* kept nowhere */ }
}

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

/** The question and the button that asks it again; `onDone(see)` is called once it is answered or skipped, with the
 * state that shows the answer.
 * @param {Declaration} declared @param {(see: Record<string, Value>) => void} onDone */
function askFirst(declared, onDone) {
  const { question, options, answer, because, see, within } = declared.predict;
  const title = make("p", { className: "dl-question" }, make("strong", {}, "Your guess first. "), question);
  const feedback = make("p", { className: "dl-feedback" });
  feedback.setAttribute("role", "status");
  const answers = make("div", { className: "dl-answers" });
  const skip = make("button", { type: "button", className: "dl-quiet" }, "Skip");
  const box = make("div", { className: "dl-predict" }, title, answers, feedback);

  const right = (guess) => answer === null ? null : options.length ? guess === answer
    : guess > 0 === answer > 0 && Math.max(guess / answer, answer / guess) <= within;
  const finish = (guess, moved) => {
    const good = right(guess);
    answers.replaceChildren();
    box.dataset.outcome = guess === null ? "skipped" : good === null ? "kept" : good ? "right" : "wrong";
    feedback.replaceChildren(guess === null ? "" : make("strong", {}, `You guessed ${shown(guess)}. `),
      guess === null || good === null ? "" : good ? "That is it. " : `It is ${shown(answer)}. `,
      guess === null ? "" : because);
    again.hidden = false;
    onDone(moved && guess !== null ? see : {});
  };
  const shown = (guess) => typeof guess === "number" ? numberText(guess) : `“${guess}”`;
  const guessed = (guess) => { keepGuess(declared.name, guess); finish(guess, true); };
  const again = make("button", { type: "button", className: "dl-quiet" }, "Ask me again");
  const ask = () => {
    again.hidden = true;
    feedback.replaceChildren();
    delete box.dataset.outcome;
    answers.replaceChildren(...entry(), skip);
  };
  const entry = () => options.length
    ? options.map((option) => make("button", { type: "button", onclick: () => guessed(option) }, option))
    : [freeEntry(answer, question, guessed)];
  again.onclick = ask;
  skip.onclick = () => guessed(null);

  const before = guesses()[declared.name];
  if (before === undefined) ask(); else finish(before, false);
  return { box, again };
}

/** A field for a number, or for words where there is no answer to compare with. */
function freeEntry(answer, question, guessed) {
  const numeric = typeof answer === "number";
  const input = make("input", { type: numeric ? "number" : "text", step: "any", required: true });
  input.setAttribute("aria-label", question);
  const form = make("form", {}, input, make("button", {}, "That is my guess"));
  form.onsubmit = (event) => {
    event.preventDefault();
    guessed(numeric ? Number(input.value) : input.value);
  };
  return form;
}
