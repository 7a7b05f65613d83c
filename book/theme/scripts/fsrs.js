// ── fsrs.js: when a card is asked again: FSRS, the Free Spaced Repetition Scheduler ──────────────────────────────────
// Bundled at build time. `dlSchedule(kept, rating, now)` answers what is kept of a card from now on, `due` and `reps`
// among it; `kept` is undefined for a card that is new; ratings: 1 again, 2 hard, 3 good, 4 easy. Days are its smallest
// step, and nothing is drawn by chance.

import { createEmptyCard, fsrs } from "ts-fsrs";

const scheduler = fsrs({ enable_fuzz: false, enable_short_term: false });

globalThis.dlSchedule = (kept, rating, now) => scheduler.next(kept ?? createEmptyCard(now), now, rating).card;
