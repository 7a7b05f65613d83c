// ── record.js: what the reader has done, kept in her own browser and sent nowhere ────────────────────────────────────
// One entry of the browser's storage: {version: 1, guesses, exercises, pages, cards}, each {id: what is kept of it}:
//   guesses    {guess, right, when}: null was skipped, right is null where nothing is right or wrong; answers to
//              questions under "Check yourself" too. Ids: "backprop/loss#predict-ignorance", "backprop/loss#check-1",
//              "figure/two_losses"
//   exercises  {passed, tries, when}: "backprop/loss#exercise-bits"
//   pages      {first, last, read, folds}: "backprop/loss"; read: when its end was reached; folds: how many were opened
//   cards      {due, …, when}: what FSRS knows of a question that is asked again (cards.js); ids: "backprop/loss#check-1"

const RECORD = "dlbook.record", VERSION = 1;

/** For this visit only, where the browser keeps nothing; one for all scripts of a page. */
const visit = (globalThis.dlbook ??= {}).visit ??= {};

/** An entry of the storage; null where there is none, where it is unreadable or where storage is refused. */
function stored(key) {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
}

/** The name of a page without the numbers of its place, which ids begin with, as page_name in dlbook/page/guesses.py. */
const pageName = (where) => where.replace(/^.*chapters\//, "").replace(/(^|\/)\d+_/g, "$1").replace(/\.html.*$/, "");

/** What is kept under an id, or undefined. @param {"guesses"|"exercises"|"pages"|"cards"} kind @param {string} id */
function noted(kind, id) {
  return visit[kind]?.[id] ?? stored(RECORD)?.[kind]?.[id];
}

/** Keep entries in the browser, else for this visit; return whether the browser has them.
 * @param {"guesses"|"exercises"|"pages"|"cards"} kind @param {Record<string, any>} entries */
function note(kind, entries) {
  const record = stored(RECORD); // read afresh each time: another tab may have written too
  try {
    if (record?.version > VERSION) throw new Error("the record of a newer book is not ours to change");
    const all = { ...record, version: VERSION, [kind]: { ...record?.[kind], ...entries } };
    localStorage.setItem(RECORD, JSON.stringify(all));
    return true;
  } catch {
    visit[kind] = { ...visit[kind], ...entries };
    return false;
  }
}

/** The reader's guess at a question, or undefined. */
const guessAt = (id) => noted("guesses", id);

function keepGuess(id, guess, right) {
  note("guesses", { [id]: { guess, right, when: new Date().toISOString() } });
}

/** Until now figures alone kept guesses, under their names and without a verdict. */
function takeOver(old) {
  const guesses = Object.entries(stored(old) ?? {})
    .map(([name, guess]) => [`figure/${name}`, { guess, right: null, when: null }]);
  if (!guesses.length) return;
  if (note("guesses", { ...Object.fromEntries(guesses), ...stored(RECORD)?.guesses })) localStorage.removeItem(old);
}

takeOver("dlbook.guesses");
