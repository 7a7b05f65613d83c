// What the player's files share, for `make lint` alone; nothing of this reaches a reader.

/** The palette: name → [light, dark]; dlbook/live/markup.py puts it before the player. */
declare const PALETTE: Record<string, [string, string]>;

/** Vega, as vl-convert bundles it. */
declare var dlVegaEmbed: (element: HTMLElement, spec: object, options: object) => Promise<{ view: any }>;
declare var dlVegaLoading: Promise<void> | undefined;
declare var dlbook: { frames?: (name: string, packed: string) => void; kernel?: (context: any) => () => void; visit?: Record<string, any> };

/** Python in the page (book/theme/scripts/python.js). */
declare var dlPython: {
  alive: boolean;
  start(told?: { progress?: (come: number, all: number, words: string) => void }): Promise<any>;
  needs(source: string): Promise<string[]>;
  load(pack: string, progress?: (come: number, all: number, words: string) => void): Promise<void>;
  call(module: string, name: string, args: object): Promise<any>;
};

type Value = number | string | boolean;

/** What the reader made herself: 64 grey levels, or a sentence. */
type Own = number[] | string;

/** For each control the index of its position, a number between two indices, or what the reader made. */
type State = Record<string, any>;

/** One control (Control.declaration in Python). */
interface Control {
  kind: "slider" | "choice" | "switch" | "time" | "digit" | "sentence";
  label: string;
  values: Value[];
  texts: string[];
  start: number;
  framed: boolean;
  between?: { log: boolean; unit: string };
  free?: boolean;
  per_second?: number;
  images?: number[][];
  vocabulary?: string[];
  words?: number | null;
}

/** A question (Predict in Python). */
interface Predict {
  question: string;
  options: string[];
  answer: any;
  because: any;
  low: string;
  high: string;
  see: Record<string, Value>;
  within: number;
}

/** A figure before it has a single frame (markup.declaration in Python). */
interface Declaration {
  name: string;
  module: string;
  title: string;
  controls: Record<string, Control>;
  order: string[];
  predict: Predict | null;
  handles: { x: string | null; y: string | null; panel: number }[];
}

/** A table of a frame: columns, or the values of a field over a rectangle. */
interface Table {
  columns?: Record<string, (number | string | null)[]>;
  field?: (number | null)[];
  extent?: [number, number, number, number];
  shape?: [number, number];
}

/** One answer of a figure (Frame in Python). */
interface Frame {
  tables: Record<string, Table>;
  told: Record<string, string[]>;
  says: string;
}

/** Where frames come from: the packed file of a page, or a kernel, which also answers for what the reader made. */
interface Source {
  own?: boolean;
  frame: (state: State) => Frame | Promise<Frame>;
  data: { specs: any[]; source: string };
}

/** An input with its label: it shows a position. */
interface Widget {
  element: HTMLElement;
  set: (position: number) => void;
  free?: () => void;
}
