// ── guesses.js: the Predict boxes of a page ask first; their folds, and what the page computes under them, wait ──────
// Without this script the folds are folds and everything is shown; so it is in print.

/** What waits for a guess: the outputs after its box, and all text from the first of them on, up to the next heading or box. */
function waiting(box) {
  const found = [];
  for (let next = box.nextElementSibling; next && !next.matches("section, h1, h2, h3, h4, .dl-predict"); next = next.nextElementSibling) {
    const outputs = next.matches(".cell_output") ? [next] : [...next.querySelectorAll(".cell_output")];
    if (outputs.length) found.push(...outputs);
    else if (found.length && !next.querySelector(".cell_input")) found.push(next);
  }
  return found;
}

/** Which folds to open: the guess's own first, then the right one; for a number the answer, then what to say to less or more. */
function opened(kind, folds, guess, answer) {
  if (kind === "choice") return [guess, answer].map((key) => folds.find((fold) => letter(fold) === key)).filter(Boolean);
  const off = kind !== "number" || guess === null || answer === undefined ? 0 : guess - Number(answer);
  const titled = (words) => folds.find((fold) => fold.querySelector("summary").textContent.trim() === words);
  return [folds[0], off < 0 && titled("If you said less"), off > 0 && titled("If you said more")].filter(Boolean);
}

const letter = (fold) => fold.querySelector("summary").textContent.trim()[0];

/** The words under a question once there is a guess. */
function verdictOf(kind, guess, right, answer) {
  if (guess === null) return "No guess this time.";
  const said = `You guessed ${kind === "number" ? numberText(guess) : kind === "text" ? `“${guess}”` : guess}.`;
  if (right === null) return said;
  if (kind === "choice") return right ? `${said} That is it.` : `${said} It is ${answer}.`;
  if (guess === Number(answer)) return `${said} That is it.`;
  return `${said} ${right ? "That is near enough" : "Not so"}: it is ${numberText(Number(answer))}, your guess is ${howFar(guess, Number(answer))}.`;
}

function setUp(place) {
  const { id, guess: kind, answer, within } = place.dataset, box = place.closest(".dl-predict");
  const folds = [...place.querySelectorAll(":scope > details")], held = waiting(box);
  const note = make("p", { className: "dl-waits" }, "What comes out here waits for ",
    make("button", { type: "button", className: "dl-quiet", onclick: () => asking.answers.querySelector("button, input").focus() }, "your guess"), ".");
  if (held.length) (held[0].closest(".cell") ?? held[0]).after(note);

  /** Keep the answer back, or show it. */
  const show = (shown) => {
    place.dataset.state = shown ? "answered" : "asking";
    note.hidden = shown;
    for (const element of held) element.classList.toggle("dl-held", !shown);
  };
  const asking = new Question({
    id, kind, skip: "Show without guessing", title: box.querySelector(":scope > p:not(.admonition-title)"),
    options: folds.map((fold) => [letter(fold), make("span", {}, ...[...fold.querySelector("summary").childNodes].map((node) => node.cloneNode(true)))]),
    right: (guess) => answer === undefined ? null : kind === "choice" ? guess === answer : near(guess, Number(answer), Number(within)),
  }, {
    asked: () => show(false),
    answered: (guess, right) => {
      const open = opened(kind, folds, guess, answer);
      for (const fold of folds) {
        fold.open = open.includes(fold);
        fold.hidden = kind === "number" && !fold.open;
        fold.classList.toggle("dl-guessed", kind === "choice" && letter(fold) === guess);
      }
      place.dataset.outcome = { null: "kept", true: "right", false: "wrong" }[right];
      asking.status.textContent = verdictOf(kind, guess, right, answer);
      show(true);
      return open[0]?.querySelector("summary");
    },
  });
  place.prepend(asking.answers, asking.status);
  place.append(asking.again);
  asking.start();

  /** A link into what waits shows it. */
  const obeyAddress = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1).split("?")[0]));
    if (target && held.some((element) => element.contains(target))) {
      show(true);
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", obeyAddress);
  obeyAddress();
}

document.querySelectorAll(".dl-guess").forEach(setUp);
