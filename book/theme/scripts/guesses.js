// ── guesses.js: the Predict boxes of a page ask first; their folds, and what the page computes under them, wait ─────
// The questions under "Check yourself" ask in the same way; nothing but their own folds waits for the answer.
// Without this script the folds are folds and everything is shown; so it is in print.

/** What waits for a guess: the outputs after its box, and the text from the first of them on, to the next heading or box. */
function waiting(box) {
  const found = [];
  for (let next = box.nextElementSibling; next && !next.matches("section, h1, h2, h3, h4, .dl-predict");) {
    const outputs = next.querySelectorAll(".cell_output");
    if (outputs.length) found.push(...outputs);
    else if (found.length && !next.querySelector(".cell_input")) found.push(next);
    next = next.nextElementSibling;
  }
  return found;
}

/** Keeps back what waits for a guess; a note in its place leads to the question. */
class Held {
  constructor(box, goToQuestion) {
    this.elements = box ? waiting(box) : [];
    const lead = make("button", { type: "button", className: "dl-quiet", onclick: goToQuestion }, "your guess");
    this.note = make("p", { className: "dl-waits" }, "What comes out here waits for ", lead, ".");
    this.elements[0]?.closest(".cell").after(this.note);
    addEventListener("hashchange", () => this.obeyAddress());
  }

  show(shown) {
    this.note.hidden = shown;
    for (const element of this.elements) element.classList.toggle("dl-held", !shown);
  }

  /** A link into what waits shows it. */
  obeyAddress() {
    const target = document.getElementById(location.hash.slice(1).split("?")[0]); // a figure's state stands behind "?"
    if (!target || !this.elements.some((element) => element.contains(target))) return;
    this.show(true);
    target.scrollIntoView();
  }
}

const titleOf = (fold) => fold.querySelector("summary").textContent.trim();
const letterOf = (fold) => titleOf(fold)[0];

/** Which folds to open: the guess's own and the right one; for a number the answer, and what to say to less or more. */
function opened({ kind, answer, folds }, guess) {
  if (kind === "choice") return [guess, answer].map((key) => folds.find((fold) => letterOf(fold) === key)).filter(Boolean);
  const off = kind === "number" && guess !== null ? guess - answer : 0; // not a number where there is no answer
  const title = off < 0 ? "If you said less" : off > 0 ? "If you said more" : null;
  return [folds[0], ...folds.filter((fold) => titleOf(fold) === title)];
}

/** The words under a question once there is a guess. */
function toldOf({ kind, answer, quiz }, guess, right) {
  if (guess === null) return quiz ? "No answer this time." : "No guess this time.";
  const said = `You ${quiz ? "said" : "guessed"} ${{ choice: guess, number: numberText(Number(guess)), text: `“${guess}”` }[kind]}.`;
  if (right === null) return said;
  if (kind === "choice" ? right : guess === answer) return `${said} That is it.`;
  if (kind === "choice") return `${said} It is ${answer}.`;
  const close = right ? "That is near enough" : "Not so";
  return `${said} ${close}: it is ${numberText(answer)}, your guess is ${howFar(guess, answer)}.`;
}

/** The words of a question under "Check yourself", which begin with its number; code may stand between. */
function wordsOf(place) {
  let words = place.previousElementSibling;
  while (words.previousElementSibling && !words.matches("p:has(> strong:first-child)")) words = words.previousElementSibling;
  return words;
}

/** What the page says of a question, in one object. */
function read(place) {
  const { id, guess: kind, answer, within } = place.dataset, folds = [...place.querySelectorAll(":scope > details")];
  const quiz = place.matches(".dl-quiz");
  const judged = { choice: (guess) => guess === answer, number: (guess) => near(guess, Number(answer), Number(within)) };
  return {
    id, kind, folds, quiz, answer: kind === "number" && answer !== undefined ? Number(answer) : answer,
    title: quiz ? wordsOf(place) : place.parentElement.querySelector(":scope > p:not(.admonition-title)"),
    options: folds.map((fold) => [letterOf(fold), titleOf(fold)]),
    skip: quiz ? "Show all answers" : "Show without guessing",
    right: answer === undefined ? () => null : judged[kind],
  };
}

for (const place of document.querySelectorAll(".dl-guess")) {
  const asked = read(place), held = new Held(asked.quiz ? null : place.parentElement, () => asking.focus());
  const show = (state) => {
    place.dataset.state = state;
    held.show(state === "answered");
  };
  const asking = new Question(asked, {
    asked: () => show("asking"),
    answered: (guess, right) => {
      const open = opened(asked, guess);
      for (const fold of asked.folds) {
        fold.open = open.includes(fold);
        fold.hidden = asked.kind === "number" && !fold.open;
        fold.classList.toggle("dl-guessed", asked.kind === "choice" && letterOf(fold) === guess);
      }
      asking.status.textContent = toldOf(asked, guess, right);
      show("answered");
      return open[0].querySelector("summary");
    },
  });
  place.prepend(asking.answers, asking.status);
  place.append(asking.again);
  asking.start();
  held.obeyAddress();
}
