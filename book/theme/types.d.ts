/** Sphinx's search, of _static/searchtools.js. */
declare const Search: any;
