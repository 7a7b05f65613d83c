// ── predict.js: the guess before a figure answers ───────────────────────────────────────────────────────────────────

/** The question of a figure and the button that asks it again; `onDone(see)` is called once it is answered or skipped,
 * with the state that shows the answer.
 * @param {Declaration} declared @param {(see: Record<string, Value>) => void} onDone */
function askFirst(declared, onDone) {
  const { question, options, answer, because, low, high, see, within } = declared.predict;
  const shown = (guess) => typeof guess === "number" ? numberText(guess) : `“${guess}”`;
  const title = make("p", { className: "dl-question" }, make("strong", {}, "Your guess first. "), question);
  const kind = options.length ? "choice" : typeof answer === "number" ? "number" : "text";
  const right = (guess) => answer === null ? null
    : kind === "number" ? near(guess, answer, within) : guess === answer;

  /** Why a guess is wrong, and why the answer is right. */
  const reasons = (guess, good) => {
    if (kind === "choice") return good ? [because[answer]] : [because[guess], because[answer]];
    return good === false ? [guess < answer ? low : high, because] : [because];
  };
  const verdict = (guess, good) => good === null ? "" : good ? "That is it." : kind === "number"
    ? `It is ${shown(answer)}: ${howFar(guess, answer)}.` : `It is ${shown(answer)}.`;

  const asking = new Question({
    id: `figure/${declared.name}`, kind, options: options.map((option) => [option, option]), skip: "Skip", title, right,
  }, {
    asked: () => delete box.dataset.outcome,
    answered: (guess, good, now) => {
      box.dataset.outcome = guess === null ? "skipped" : { null: "kept", true: "right", false: "wrong" }[String(good)];
      asking.status.replaceChildren(...(guess === null ? [] : [make("strong", {}, `You guessed ${shown(guess)}. `),
        [verdict(guess, good), ...reasons(guess, good)].filter(Boolean).join(" ")]));
      onDone(now && guess !== null ? see : {});
    },
  });
  const box = make("div", { className: "dl-predict" }, title, asking.answers, asking.status);
  asking.start();
  return { box, again: asking.again };
}
