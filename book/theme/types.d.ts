/** Sphinx's search, of _static/searchtools.js. */
declare const Search: any;

/** Python in the page (scripts/python.js), and the code cells that it runs (scripts/cells.js). */
declare var dlPython: {
  alive: boolean;
  start(told?: { progress?: (come: number, all: number, words: string) => void }): Promise<any>;
  call(module: string, name: string, args: object): Promise<any>;
};
declare const STYLE: string; // the editor's, put before cells.js by the build
declare var dlCells: (told: object) => { press(id: string, what: string): Promise<void> };
