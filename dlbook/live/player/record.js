// ── record.js: what the reader has done, kept in her own browser and sent nowhere ────────────────────────────────────
// One entry of the browser's storage: {version: 1, guesses: {id: {guess, right, when}}}. A guess of null was skipped;
// right is null where nothing is right or wrong. Ids: "backprop/loss#predict-ignorance" on a page, "figure/two_losses".

const RECORD = "dlbook.record", VERSION = 1;

/** For this visit only, where the browser keeps nothing; one for all scripts of a page. */
const visit = (globalThis.dlbook ??= {}).visit ??= {};

/** An entry of the storage; null where there is none, where it is unreadable or where storage is refused. */
function stored(key) {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
}

/** The reader's guess at a question, or undefined. */
function guessAt(id) {
  return visit[id] ?? stored(RECORD)?.guesses?.[id];
}

/** Keep guesses in the browser, else for this visit; return whether the browser has them. */
function keepGuesses(guesses) {
  const record = stored(RECORD); // read afresh each time: another tab may have written too
  try {
    if (record?.version > VERSION) throw new Error("the record of a newer book is not ours to change");
    const all = { ...record, version: VERSION, guesses: { ...record?.guesses, ...guesses } };
    localStorage.setItem(RECORD, JSON.stringify(all));
    return true;
  } catch {
    Object.assign(visit, guesses);
    return false;
  }
}

function keepGuess(id, guess, right) {
  keepGuesses({ [id]: { guess, right, when: new Date().toISOString() } });
}

/** Until now figures alone kept guesses, under their names and without a verdict. */
function takeOver(old) {
  const guesses = Object.entries(stored(old) ?? {})
    .map(([name, guess]) => [`figure/${name}`, { guess, right: null, when: null }]);
  if (!guesses.length) return;
  if (keepGuesses({ ...Object.fromEntries(guesses), ...stored(RECORD)?.guesses })) localStorage.removeItem(old);
}

takeOver("dlbook.guesses");
