// ── cards.js: the page "Today's cards": questions of pages that were read are asked again when they are due ──────────
// Without this script the questions stand under the title of their part, as folds.

const MOST = 12; // cards at a time: about five minutes
const AGAIN = 1; // what FSRS is told of a card that was not known
const KNOWN = [[2, "I guessed"], [3, "I had to think"], [4, "I knew it at once"]];

const place = /** @type {HTMLElement} */ (document.querySelector(".dl-cards"));
const cards = [.../** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll(".dl-card"))];
const keptOf = (card) => noted("cards", card.dataset.id);
const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;

/** The midnight before a moment, here where the reader is. */
const dayOf = (moment) => new Date(moment).setHours(0, 0, 0, 0);

/** When a card is due: as FSRS has it; a new one on the day after its page was read to the end. */
function dueOf(card) {
  const kept = keptOf(card), read = noted("pages", card.dataset.page)?.read;
  if (kept) return dayOf(kept.due);
  return read ? new Date(dayOf(read)).setDate(new Date(read).getDate() + 1) : Infinity;
}

/** What is due now: longest due first; of new ones those first that went wrong on their page. */
function dueNow() {
  const today = dayOf(Date.now()), due = cards.filter((card) => dueOf(card) <= today);
  const wrong = (card) => Number(!keptOf(card) && guessAt(card.dataset.id)?.right === false);
  const fresh = (card) => Number(!keptOf(card));
  return due.sort((a, b) => fresh(a) - fresh(b) || wrong(b) - wrong(a) || dueOf(a) - dueOf(b));
}

/** The next day on which cards are due, in words. */
function later() {
  const days = cards.map(dueOf).filter((due) => due > dayOf(Date.now()) && due < Infinity);
  if (!days.length) return "";
  const next = Math.min(...days), number = days.filter((day) => day === next).length;
  const when = new Date(next).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
  return ` ${count(number, "card is", "cards are")} due on ${when}.`;
}

const status = make("p", { className: "dl-feedback", role: "status" });
const stage = /** @type {HTMLElement} */ (document.querySelector(".dl-stage"));
const button = (words, onclick) => make("button", { type: "button", onclick }, words);
const letterOf = (fold) => fold.querySelector("summary").textContent.trim()[0];

/** One card after the other. */
class Deal {
  constructor(due) {
    [this.cards, this.right] = [due.slice(0, MOST), 0];
    this.ask(0);
  }

  /** Show a card's question; its folds wait. */
  ask(number) {
    const card = this.cards[number], folds = [...card.querySelectorAll("details")];
    const asks = card.querySelector(".dl-asks"), home = document.createComment("");
    card.replaceWith(home);
    card.classList.add("dl-guess");
    Object.assign(card.dataset, { guess: "choice", state: "asking" });
    for (const fold of folds) fold.open = false;
    asks.id = "dl-asks";
    asks.tabIndex = -1;
    const options = folds.map((fold) => button(fold.querySelector("summary").textContent, () => answer(letterOf(fold))));
    const answers = make("div", { className: "dl-answers", role: "group", "aria-labelledby": "dl-asks" },
      ...options, make("button", { type: "button", className: "dl-quiet", onclick: () => answer(null) }, "I do not know"));
    asks.after(answers);
    stage.replaceChildren(make("p", { className: "dl-count" }, `Card ${number + 1} of ${this.cards.length}`), card);
    status.textContent = "";
    if (number) asks.focus();

    const answer = (letter) => {
      const right = letter === card.dataset.answer;
      card.dataset.state = "answered";
      for (const fold of folds) fold.open = [letter, card.dataset.answer].includes(letterOf(fold));
      status.textContent = right ? "That is it. How well did you know it?" : `It is ${card.dataset.answer}. It comes again soon.`;
      const ratings = right ? KNOWN : [[AGAIN, "Go on"]];
      const choices = ratings.map(([rating, words]) => button(`${words} (${again(card, rating)})`, () => rate(rating)));
      answers.replaceChildren(status, ...choices);
      stage.append(make("p", {}, "From ", make("a", { href: card.dataset.href }, card.dataset.from)));
      this.right += Number(right);
      choices[0].focus({ preventScroll: true });
    };

    const rate = (rating) => {
      const now = new Date();
      note("cards", { [card.dataset.id]: { ...dlSchedule(keptOf(card), rating, now), when: now.toISOString() } });
      answers.remove();
      card.classList.remove("dl-guess");
      delete card.dataset.state;
      for (const fold of folds) fold.open = false;
      asks.removeAttribute("id");
      home.replaceWith(card);
      if (number + 1 < this.cards.length) this.ask(number + 1); else this.end();
    };
  }

  end() {
    const due = dueNow();
    stage.replaceChildren(status);
    status.textContent = `${this.right} of ${count(this.cards.length, "card", "cards")} known. ${due.length ? "More are due." : `That was all for today.${later()}`}`;
    if (due.length) {
      const more = button(`Deal ${count(Math.min(due.length, MOST), "card", "cards")} more`, () => new Deal(due));
      stage.append(more);
      more.focus();
    }
  }
}

/** In how many days a card would come again. */
function again(card, rating) {
  const now = new Date(), days = Math.round((dayOf(dlSchedule(keptOf(card), rating, now).due) - dayOf(now)) / 86_400_000);
  return days === 1 ? "again tomorrow" : `again in ${days} days`;
}

function begin() {
  const due = dueNow(), read = cards.some((card) => dueOf(card) < Infinity);
  if (due.length) {
    const words = `${count(due.length, "card is", "cards are")} due${due.length > MOST ? `; ${MOST} at a time` : ""}.`;
    stage.replaceChildren(make("p", {}, words), button("Deal", () => new Deal(due)));
  } else {
    stage.replaceChildren(make("p", {}, read ? `Nothing is due today.${later()}` : "Nothing is due. Read a page to its end; its questions come here on the day after."));
  }
}

stage.classList.add("dl-guess"); // its look
begin();
