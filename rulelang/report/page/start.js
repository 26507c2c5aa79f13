// Puts the page together: charts, the strip above them, the list of changes, buttons, keys, light and dark.

class Overview {
  constructor(canvas, charts) {
    Object.assign(this, { canvas, charts });
    canvas.addEventListener("pointerdown", (event) => this.grab(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", () => (this.held = null));
    canvas.addEventListener("dblclick", () => charts.show(...charts.span));
  }

  get left() {
    return this.charts.gutter;
  }

  get wide() {
    return this.charts.width - this.charts.gutter - GAP;
  }

  x(time) {
    const [from, to] = this.charts.span;
    return this.left + ((time - from) / (to - from)) * this.wide;
  }

  time(event) {
    const [from, to] = this.charts.span;
    return from + ((event.offsetX - this.left) / this.wide) * (to - from);
  }

  grab(event) {
    const { from, to } = this.charts;
    const near = (time) => Math.abs(this.x(time) - event.offsetX) < 7;
    const time = this.time(event);
    this.canvas.setPointerCapture(event.pointerId);
    const whole = from <= this.charts.span[0] && to >= this.charts.span[1];
    if (near(from) && !whole) this.held = { end: "from" };
    else if (near(to) && !whole) this.held = { end: "to" };
    else if (time > from && time < to && !whole) this.held = { shift: time - from };
    else this.held = { anchor: time };
  }

  move(event) {
    if (!this.held) return;
    const { from, to } = this.charts;
    const time = this.time(event);
    const { end, shift, anchor } = this.held;
    if (end) this.charts.show(end === "from" ? Math.min(time, to) : from, end === "to" ? Math.max(time, from) : to);
    else if (shift !== undefined) this.charts.show(time - shift, time - shift + to - from);
    else if (Math.abs(time - anchor) > 0) this.charts.show(Math.min(anchor, time), Math.max(anchor, time));
  }

  draw() {
    const { canvas, charts } = this;
    const high = 46;
    const ratio = devicePixelRatio;
    canvas.width = charts.width * ratio;
    canvas.height = high * ratio;
    canvas.style.width = `${charts.width}px`;
    canvas.style.height = `${high}px`;
    const ctx = canvas.getContext("2d");
    ctx.scale(ratio, ratio);
    this.drawPrice(ctx, high);
    const [a, b] = [this.x(charts.from), this.x(charts.to)];
    ctx.fillStyle = charts.colours.paper;
    ctx.globalAlpha = 0.72;
    ctx.fillRect(this.left, 0, a - this.left, high);
    ctx.fillRect(b, 0, this.left + this.wide - b, high);
    ctx.globalAlpha = 1;
    ctx.strokeStyle = charts.colours.accent;
    ctx.strokeRect(a + 0.5, 0.5, Math.max(2, b - a - 1), high - 1);
    ctx.fillStyle = charts.colours.accent;
    [a, b].forEach((x) => ctx.fillRect(x - 2, high / 2 - 8, 4, 16));
  }

  drawPrice(ctx, high) {
    const { charts } = this;
    const view = viewOf(charts.times, ...charts.span, this.wide);
    const times = shownTimes(charts.times, view);
    const prices = charts.shownAsset.price().shown(view);
    const values = charts.log ? prices.map((value) => value && Math.log(value)) : prices;
    let low = Infinity, top = -Infinity;
    for (const value of values) if (value !== null) [low, top] = [Math.min(low, value), Math.max(top, value)];
    ctx.beginPath();
    values.forEach((value, at) => value !== null && ctx.lineTo(this.x(times[at]), high - 5 - ((value - low) / (top - low || 1)) * (high - 10)));
    ctx.strokeStyle = charts.colours.quiet;
    ctx.stroke();
    ctx.lineTo(this.left + this.wide, high);
    ctx.lineTo(this.left, high);
    ctx.fillStyle = charts.colours.grid;
    ctx.fill();
  }
}

const DAY = 86400;
const RANGES = [["1 day", 1], ["1 week", 7], ["1 month", 30], ["3 months", 91], ["1 year", 365]];

function start() {
  const get = (id) => document.getElementById(id);
  const data = JSON.parse(get("data").textContent);
  const changes = new Changes(data, get("changes"), get("why"));
  if (!data.count) {
    get("panes").innerHTML = '<p class="aside">There is no bar to draw.</p>';
    return;
  }
  let overview = null;
  const told = {
    changesOf: (asset) => changes.byAsset[asset],
    chosen: (number) => choose(number, false),
    shown: (from, to) => {
      overview?.draw();
      get("when").textContent = `${day(from)} to ${day(to)}`;
      pressed(get("ranges"), null);
    },
    hovered: (time) => (get("when").textContent = time === null ? `${day(charts.from)} to ${day(charts.to)}` : minute(time)),
  };
  const charts = new Charts(data, get("panes"), told);
  overview = new Overview(get("overview"), charts);

  function choose(number, move) {
    if (number === null) return;
    const change = changes.one(number);
    if (change.asset !== charts.asset) use(change.asset);
    changes.choose(number);
    charts.choose(change);
    if (move && (change.time < charts.from || change.time > charts.to)) {
      const half = (charts.to - charts.from) / 2;
      charts.show(change.time - half, change.time + half);
    }
  }

  function use(asset) {
    charts.use(asset);
    listed(asset);
  }

  function listed(asset) {
    changes.show(asset);
    overview.draw();
    pressed(get("assets"), asset);
  }

  changes.onChoose = choose;
  buttons(get("assets"), data.assets.length > 1 ? data.assets.map(({ name }) => name) : [], use);
  const span = charts.span[1] - charts.span[0];
  const ranges = [...RANGES.filter(([, days]) => days * DAY < span && days * DAY > 8 * data.bars), ["Everything", null]];
  buttons(get("ranges"), ranges.map(([name]) => name), (at) => {
    const days = ranges[at][1];
    const end = charts.to;
    charts.show(...(days === null ? charts.span : [end - days * DAY, end]));
    pressed(get("ranges"), at);
  });
  get("scale").addEventListener("click", () => {
    charts.space(!charts.log);
    overview.draw();
    get("scale").setAttribute("aria-pressed", String(charts.log));
  });
  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      choose(changes.neighbour(by), true);
    }
  });
  new ResizeObserver(() => {
    charts.resize();
    overview.draw();
  }).observe(get("panes"));
  themed(get("theme"), () => {
    charts.repaint();
    overview.draw();
  });
  changes.hint();
  listed(0);
  told.shown(...charts.span);
  pressed(get("ranges"), ranges.length - 1);
  window.report = { charts, changes, choose, drawn: null, complete: null };
  const now = (what) => queueMicrotask(() => queueMicrotask(() => (window.report[what] = performance.now())));
  charts.begin(() => now("complete"));
  now("drawn");
}

function buttons(place, names, chosen) {
  names.forEach((name, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.addEventListener("click", () => chosen(at));
    place.append(button);
  });
}

function pressed(place, at) {
  [...place.children].forEach((button, one) => button.setAttribute("aria-pressed", String(one === at)));
}

// Follow the system's choice of light or dark until the reader makes another.
function themed(button, changed) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  button.addEventListener("click", () => {
    const now = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    changed();
  });
  dark.addEventListener("change", changed);
}

start();
