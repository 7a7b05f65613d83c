// ── kernel.js: the same figure in a notebook, its frames computed by the kernel ─────────────────────────────────────

/** Messages of one widget: a question has a number, its answer carries it. */
class Kernel {
  constructor(model) {
    this.model = model;
    this.pending = new Map();
    this.number = 0;
    model.on("msg:custom", (reply, buffers) => {
      if (reply.vega) this.gotVega(buffers[0]);
      const settle = this.pending.get(reply.number);
      this.pending.delete(reply.number);
      settle?.(reply);
    });
  }

  async frame(state) {
    const number = ++this.number;
    const reply = await new Promise((done) => {
      this.pending.set(number, done);
      this.model.send({ ask: state, number });
    });
    if (reply.error) throw new Error(reply.error);
    return reply;
  }

  /** Vega comes from the kernel once a page, so that no notebook stores it and no network is needed. */
  vega() {
    if (!globalThis.dlVegaEmbed) {
      globalThis.dlVegaLoading ??= new Promise((done) => {
        this.gotVega = async (buffer) => {
          const packed = new Blob([buffer.buffer ?? buffer]);
          const text = await new Response(packed.stream().pipeThrough(new DecompressionStream("deflate"))).text();
          (0, eval)(text);
          done();
        };
        this.model.send({ want: "vega" });
      });
    }
    return globalThis.dlVegaLoading;
  }
}

globalThis.dlbook.kernel = ({ model, el }) => {
  el.innerHTML = model.get("poster");
  const element = el.querySelector("live-figure");
  const figure = new Figure(element, model.get("declaration"));
  const kernel = new Kernel(model);
  element.dataset.state = "loading";
  kernel.vega()
    .then(() => figure.start({ frame: (state) => kernel.frame(state), own: true, data: model.get("data") }))
    .catch((error) => figure.fail(error.message));
  return () => figure.clocks.forEach((clock) => clock.stop());
};
