// The charts, one above the other, over the same time and with one cursor.

const GAP = 20; // pixels at the right of every chart
const DOT = 4; // radius of a change
const HOVERED = "report"; // charts of this key share their cursor

// Round values between two: 1, 2, 5 of each power of ten where they lie far apart, else in equal steps.
function rounds(low, high) {
  const far = high > 4 * low;
  const power = 10 ** Math.floor(Math.log10(far ? low : (high - low) / 3));
  const step = power * [1, 2, 5].find((one) => one === 5 || (high - low) / (power * one) <= 5);
  const found = [];
  if (far) for (let ten = power; ten <= high; ten *= 10) found.push(ten, 2 * ten, 5 * ten);
  else for (let at = Math.ceil(low / step); at * step <= high; at++) found.push(at * step);
  return found.filter((value) => low <= value && value <= high);
}

class Charts {
  // `told` is called with the number of a change that was chosen, or with the place of a bar that is hovered over.
  constructor(data, root, told) {
    Object.assign(this, { data, root, told });
    this.count = data.count;
    this.times = unpackedTimes(data.times, data.count, data.bars);
    this.from = this.times[0];
    this.to = this.times[this.count - 1];
    if (this.from === this.to) [this.from, this.to] = [this.from - data.bars, this.to + data.bars];
    this.span = [this.from, this.to];
    this.assets = data.assets.map((one) => this.unpackedAsset(one));
    this.held = once(() => new Column(unpacked(data.held, this.count)));
    const later = once(() => JSON.parse(document.getElementById("later").textContent));
    this.funding = once(() => unpacked(later().funding, this.count));
    this.funded = once(() => sums(this.funding()));
    this.tracks = data.tracks.map((name, at) => {
      const values = once(() => unpacked(later().equity[at], this.count));
      return { name, equity: once(() => new Column(values())), drawdown: once(() => new Column(drawdown(values()))) };
    });
    this.distance = once(() => new Column(unpacked(later().distance, this.count)));
    this.asset = 0;
    this.chosen = null;
    this.width = this.measured();
    this.gutter = this.neededGutter();
    this.recolour();
    this.all = this.specs().map((spec) => this.pane(spec));
    this.panes = this.all.filter(({ spec }) => !spec.lower);
  }

  unpackedAsset(one) {
    const active = {};
    for (const [rule, text] of Object.entries(one.active)) active[rule] = numbers(text, Uint32Array);
    const at = numbers(one.word.at, Uint32Array);
    const word = numbers(one.word.value, Float64Array);
    return {
      ...one,
      price: once(() => new Column(unpacked(one.price, this.count))),
      ratio: once(() => new Column(unpacked(one.ratio, this.count))),
      target: once(() => new Column(unpacked(one.target, this.count))),
      active,
      word: { at, value: word },
      decisive: decisive(at, word, this.count, this.data.rules),
    };
  }

  // The target that is traded, of the first asset that has one.
  get goal() {
    return this.assets.map(({ goal }) => goal).find(Boolean);
  }

  get shownAsset() {
    return this.assets[this.asset];
  }

  measured() {
    return Math.max(320, Math.floor(this.root.clientWidth));
  }

  // The room at the left for the names of rules, and for the numbers of all other charts.
  neededGutter() {
    const context = document.createElement("canvas").getContext("2d");
    context.font = FONT;
    const widest = Math.max(0, ...this.data.rules.map((name) => context.measureText(name).width));
    return Math.round(Math.min(Math.max(64, widest + 22), this.width < 700 ? 96 : 168));
  }

  recolour() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const many = (name, count) => Array.from({ length: count }, (_, at) => colour(name + at));
    this.colours = { tracks: many("track", 5), rules: many("rule", 8) };
    for (const name of ["ink", "quiet", "grid", "paper", "paid", "received", "event", "accent", "price"]) this.colours[name] = colour(name);
  }

  ruleColour(number) {
    return number < 0 ? this.colours.quiet : this.colours.rules[number % 8];
  }

  // --- what there is to see

  // `lower`: drawn when the browser has read the whole page. `before` and `after`: drawn by hand, below and above lines.
  specs() {
    const tracks = (key) => this.tracks.map(({ name }, at) => ({
      name, colour: () => this.colours.tracks[at % 5], width: at ? 1.25 : 2, dash: DASHES[at % 5],
      column: this.tracks[at][key], text: key === "equity" ? money : (value) => percent(value),
    }));
    const rules = this.data.rules.length;
    const all = [
      {
        key: "price", title: "Price", height: 250, text: short, after: (u) => this.drawEvents(u),
        series: [{ name: "close", colour: () => this.colours.price, width: 1.25, column: () => this.shownAsset.price(), text: price }],
      },
      {
        key: "hedge", title: this.goal === "beta" ? "Beta" : "Hedge", height: 132, text: (value) => level(value, this.goal), range: ratioRange,
        after: (u) => this.drawChanges(u), series: this.ratios(),
      },
      rules && {
        key: "rules", title: "Active rules", height: rules * this.lane() + 48, axis: true, lanes: true, series: [],
        hint: "pale: active · full: has the last word", before: (u) => this.drawLanes(u), range: () => [0, rules],
      },
      {
        key: "funding", title: "Funding", lower: true, height: 100, text: short, bars: true, before: (u) => this.drawFunding(u), range: aroundZero,
        series: [{ name: "received (paid below 0)", colour: () => this.colours.received, width: 0, text: money }],
      },
      this.data.margins && {
        key: "distance", title: "Distance to liquidation", lower: true, height: 100, text: (value) => percent(value, 0), range: upToAll,
        series: [{ name: "of the nearest position", colour: () => this.colours.paid, width: 1.25, column: this.distance, text: percent }],
      },
      { key: "equity", title: "Equity", lower: true, height: 230, text: short, series: tracks("equity").reverse() },
      { key: "drawdown", title: "Drawdown", lower: true, height: 150, axis: true, text: (value) => percent(value, 0), range: belowZero, series: tracks("drawdown").reverse() },
    ];
    return all.filter(Boolean);
  }

  ratios() {
    const text = (value) => level(value, this.goal);
    const only = this.assets.length === 1;
    return [
      { name: this.goal === "beta" ? "actual hedge" : only ? "actual" : "actual, whole book", colour: () => this.colours.quiet, width: 1, column: this.held, stepped: true, text: (value) => level(value, "hedge") },
      { name: "wanted", colour: () => this.colours.event, width: 1, dash: [2, 3], column: () => this.shownAsset.target(), stepped: true, text },
      { name: "in force", colour: () => this.colours.accent, fill: true, width: 2, column: () => this.shownAsset.ratio(), stepped: true, text },
    ];
  }

  lane() {
    const rules = this.data.rules.length;
    return rules <= 8 ? 20 : rules <= 14 ? 17 : 14;
  }

  // --- making

  pane(spec) {
    const box = document.createElement("div");
    box.className = `pane ${spec.key}`;
    const head = document.createElement("div");
    head.className = "legend";
    head.style.paddingLeft = `${this.gutter}px`;
    head.innerHTML = `<h3>${spec.title}</h3>` + (spec.hint ? `<small>${spec.hint}</small>` : "");
    const cells = spec.series.map((one) => {
      const cell = document.createElement("span");
      cell.innerHTML = `<i${one.dash ? ' class="dashed"' : ""}></i>${one.name} <b></b>`;
      return cell;
    });
    [...cells].reverse().forEach((cell) => head.append(cell));
    const extra = document.createElement("span");
    head.append(extra);
    box.append(head);
    this.root.append(box);
    const pane = { spec, box, chart: this.chart(spec, box), cells, extra };
    this.paint(pane);
    return pane;
  }

  chart(spec, box) {
    const chart = new uPlot(this.options(spec), [[this.from, this.to], ...(spec.series.length ? spec.series : [0]).map(() => [null, null])], box);
    this.listen(chart, spec);
    return chart;
  }

  // Space prices by their ratios, or by their differences.
  space(log) {
    this.log = log;
    const pane = this.all.find(({ spec }) => spec.key === "price");
    pane.chart.destroy();
    pane.chart = this.chart(pane.spec, pane.box);
    this.draw();
  }

  // Give the legend its colours.
  paint({ spec, cells }) {
    spec.series.forEach((one, at) => cells[at].style.setProperty("--colour", one.colour()));
  }

  options(spec) {
    const clear = { left: 0, top: 0, width: 0, height: 0 };
    return {
      width: this.width,
      height: spec.height,
      padding: [8, GAP, spec.axis ? 0 : 6, 0],
      legend: { show: false },
      cursor: {
        y: false,
        sync: { key: HOVERED, setSeries: false, scales: ["x", null] },
        drag: { x: true, y: false, setScale: false, dist: 5, click: () => {} },
        points: { size: 6, width: 1.5, show: !spec.lanes && !spec.bars },
        bind: { dblclick: () => () => this.show(...this.span) },
      },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      scales: { x: { time: true }, y: this.log && spec.key === "price" ? { distr: 3, range: ratios } : spec.range ? { range: spec.range } : {} },
      axes: [this.timeAxis(spec), this.valueAxis(spec)],
      series: [{}, ...(spec.series.length ? spec.series : [null]).map((one) => this.series(one, spec))],
      hooks: {
        drawAxes: spec.before ? [spec.before] : [],
        draw: [...(spec.after ? [spec.after] : []), (u) => this.drawChosen(u)],
        setSelect: [(u) => {
          if (u.select.width > 4) this.ask(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"));
          if (u.select.width) u.setSelect(clear, false);
        }],
        setCursor: [(u) => this.hover(u)],
      },
    };
  }

  timeAxis(spec) {
    const grid = { stroke: () => this.colours.grid, width: 1 };
    const show = { stroke: () => this.colours.quiet, font: FONT, gap: 6, size: 40, space: 84, ticks: { show: false }, values: TIMES };
    return spec.axis ? { ...show, grid } : { ...show, grid, size: 0, values: (_, splits) => splits.map(() => "") };
  }

  valueAxis(spec) {
    const axis = { stroke: () => this.colours.quiet, font: FONT, size: this.gutter, gap: 8, ticks: { show: false } };
    if (!spec.lanes) {
      if (this.log && spec.key === "price") Object.assign(axis, { splits: (u, at, low, high) => rounds(low, high), filter: (u, splits) => splits });
      return { ...axis, space: 24, grid: { stroke: () => this.colours.grid, width: 1 }, values: (_, splits) => splits.map(spec.text) };
    }
    const names = this.data.rules.map((name) => fitted(name, this.gutter - 14));
    const font = this.lane() < 16 ? FONT.replace("11px", "10.5px") : FONT;
    return { ...axis, font, grid: { show: false }, splits: () => names.map((_, at) => names.length - at - 0.5), values: () => names };
  }

  series(one, spec) {
    if (!one || spec.bars) return { paths: () => null, points: { show: false }, width: 0, stroke: one?.colour };
    const fill = one.fill ? { fill: () => this.colours.accent + "1f" } : {};
    return {
      label: one.name, stroke: one.colour, width: one.width, dash: one.dash, points: { show: false }, spanGaps: false, ...fill,
      paths: one.stepped ? uPlot.paths.stepped({ align: 1 }) : uPlot.paths.linear(),
    };
  }

  // Let a click choose a change, and a turn of the wheel with Ctrl zoom.
  listen(chart, spec) {
    let pressed = null;
    chart.over.addEventListener("mousedown", (event) => (pressed = event.clientX));
    chart.over.addEventListener("click", (event) => {
      if (pressed !== null && Math.abs(event.clientX - pressed) > 4) return;
      const left = event.clientX - chart.over.getBoundingClientRect().left;
      const number = this.nearestChange(chart, left, spec.key === "hedge" ? Infinity : 10);
      if (number !== null) this.told.chosen(number);
    });
    chart.over.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const at = chart.posToVal(event.clientX - chart.over.getBoundingClientRect().left, "x");
      const by = event.deltaY < 0 ? 0.75 : 1 / 0.75;
      this.show(at - (at - this.from) * by, at + (this.to - at) * by);
    }, { passive: false });
  }

  nearestChange(chart, left, most) {
    const { time, number } = this.told.changesOf(this.asset);
    const at = placeAbove(time, chart.posToVal(left, "x"));
    const near = [at - 1, at].filter((one) => one >= 0 && one < time.length);
    const far = (one) => Math.abs(chart.valToPos(time[one], "x") - left);
    near.sort((a, b) => far(a) - far(b));
    return near.length && far(near[0]) <= most ? number[near[0]] : null;
  }

  // --- showing

  // Show a stretch of time that one of the charts asks for; all of them ask at once.
  ask(from, to) {
    if (!this.asked) queueMicrotask(() => {
      this.show(...this.asked);
      this.asked = null;
    });
    this.asked = [from, to];
  }

  show(from, to) {
    const least = Math.min(this.data.bars * 8, this.span[1] - this.span[0]);
    const wide = Math.max(to - from, least);
    const middle = (from + to) / 2;
    [from, to] = to - from < least ? [middle - least / 2, middle + least / 2] : [from, to];
    if (from < this.span[0]) [from, to] = [this.span[0], Math.min(this.span[1], this.span[0] + wide)];
    if (to > this.span[1]) [from, to] = [Math.max(this.span[0], this.span[1] - wide), this.span[1]];
    Object.assign(this, { from, to });
    this.draw();
    this.told.shown(from, to);
  }

  // Draw what stands on top at once, and everything when the browser has read the rest of the page.
  begin(then) {
    this.draw();
    const rest = () => setTimeout(() => {
      this.panes = this.all;
      this.draw();
      then();
    });
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", rest);
    else rest();
  }

  draw() {
    const plot = this.width - this.gutter - GAP;
    const view = viewOf(this.times, this.from, this.to, plot);
    const times = shownTimes(this.times, view);
    for (const { spec, chart } of this.panes) {
      const data = spec.bars ? this.fundingBars(plot) : [times, ...spec.series.map((one) => one.column().shown(view))];
      if (spec.lanes) data.push(new Array(times.length).fill(null));
      chart.batch(() => {
        chart.setData(data, false);
        chart.setScale("x", { min: this.from, max: this.to });
      });
    }
    this.readout(null);
  }

  // Sums of funding between the bars that some pixels stand for.
  fundingBars(plot) {
    const first = Math.max(0, placeAbove(this.times, this.from) - 1);
    const end = placeAbove(this.times, this.to);
    const size = Math.max(1, Math.ceil((end - first) / (plot / 4)));
    const times = [], found = [];
    for (let at = Math.floor(first / size) * size; at < end; at += size) {
      const last = Math.min(this.count, at + size);
      times.push(this.times[at]);
      found.push(this.funded()[last] - this.funded()[at]);
    }
    this.fundingStep = size * this.data.bars;
    return times.length ? [times, found] : [[this.from], [null]];
  }

  use(asset) {
    this.asset = asset;
    this.draw();
  }

  choose(change) {
    this.chosen = change;
    this.panes.forEach(({ chart }) => chart.redraw(false));
  }

  repaint() {
    this.recolour();
    this.all.forEach((pane) => {
      this.paint(pane);
      pane.chart.redraw(false, true);
    });
  }

  resize() {
    if (this.measured() === this.width) return;
    this.width = this.measured();
    this.all.forEach(({ spec, chart }) => chart.setSize({ width: this.width, height: spec.height }));
    this.draw();
  }

  // --- what the cursor is at

  hover(u) {
    const left = u.cursor.left;
    const time = left >= 0 ? u.posToVal(left, "x") : null;
    if (this.pending === undefined) requestAnimationFrame(() => {
      this.readout(this.pending);
      this.pending = undefined;
    });
    this.pending = time;
  }

  // Write values of the bar nearest to a time beside the names; without a time, those of the last bar shown.
  readout(time) {
    const at = this.bar(time ?? this.to);
    for (const { spec, cells, extra } of this.panes) {
      spec.series.forEach((one, which) => {
        const value = spec.bars ? this.funding()[at] : one.column().values[at];
        cells[which].lastElementChild.textContent = one.text(value);
      });
      if (spec.bars) extra.innerHTML = `since the start <b>${money(this.funded()[at + 1])}</b>`;
      if (spec.lanes) this.tell(extra, at);
    }
    this.told.hovered(time === null ? null : this.times[at]);
  }

  // Name the rules that are active at a bar.
  tell(place, at) {
    const { active, word } = this.shownAsset;
    const names = this.data.rules.filter((rule) => active[rule] && placeAbove(active[rule], at) % 2);
    const last = word.value[placeAbove(word.at, at) - 1];
    const shown = names.map((name) => (name === this.data.rules[last] ? `<b>${name}</b>` : name)).join(", ");
    place.innerHTML = shown || "none, <b>otherwise</b>";
  }

  bar(time) {
    const after = placeAbove(this.times, time);
    if (after === 0) return 0;
    const nearer = after < this.count && this.times[after] - time < time - this.times[after - 1];
    return nearer ? after : after - 1;
  }

  // --- drawing by hand

  drawLanes(u) {
    const { ctx, bbox } = u;
    const { active, decisive: last } = this.shownAsset;
    const high = bbox.height / this.data.rules.length;
    ctx.save();
    this.data.rules.forEach((rule, at) => {
      const top = Math.round(bbox.top + at * high);
      ctx.fillStyle = this.colours.grid;
      ctx.fillRect(bbox.left, Math.round(top + high) - 1, bbox.width, 1);
      ctx.fillStyle = this.ruleColour(at);
      const inset = Math.max(1, high * 0.14);
      ctx.globalAlpha = 0.36;
      this.drawSpans(u, active[rule], top + inset, high - 2 * inset - 1);
      ctx.globalAlpha = 1;
      this.drawSpans(u, last[at], top + inset, high - 2 * inset - 1);
    });
    ctx.restore();
  }

  // Draw spans of bars as boxes; those of one pixel become one box.
  drawSpans(u, spans, top, height) {
    if (!spans) return;
    const { ctx, bbox } = u;
    const scale = bbox.width / (this.to - this.from);
    const place = (bar) => bbox.left + (this.timeOf(bar) - this.from) * scale;
    const right = bbox.left + bbox.width;
    const pixel = 1 / scale;
    let at = placeAbove(spans, this.bar(this.from) - 1) & ~1;
    while (at < spans.length) {
      const x = Math.max(bbox.left, place(spans[at]));
      if (x >= right) return;
      let end = Math.min(right, place(spans[at + 1]));
      at += 2;
      while (at < spans.length && place(spans[at]) <= end + 0.5 && end < right) {
        end = Math.min(right, Math.max(end, place(spans[at + 1])));
        at += 2;
      }
      ctx.fillRect(x, top, Math.max(1, end - x), height);
      if (end - x < 2 && at < spans.length) at = this.skipped(spans, at, this.timeOf(spans[at - 1]) + pixel);
    }
  }

  // Return the first span that doesn't end within a pixel, so that a million short ones take no longer than the pixels.
  skipped(spans, at, time) {
    const bar = placeAbove(this.times, time) - 1;
    return Math.max(at, placeAbove(spans, bar, at) & ~1);
  }

  timeOf(bar) {
    return bar < this.count ? this.times[bar] : this.times[this.count - 1] + this.data.bars;
  }

  drawFunding(u) {
    const { ctx } = u;
    const [times, values] = u.data;
    const zero = u.valToPos(0, "y", true);
    const step = Math.abs(u.valToPos(this.from + this.fundingStep, "x", true) - u.valToPos(this.from, "x", true));
    const wide = Math.min(10 * devicePixelRatio, Math.max(1, step * 0.8));
    ctx.save();
    ctx.beginPath();
    ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    ctx.clip();
    times.forEach((time, at) => {
      if (!values[at]) return;
      ctx.fillStyle = values[at] < 0 ? this.colours.paid : this.colours.received;
      const y = u.valToPos(values[at], "y", true);
      ctx.fillRect(u.valToPos(time, "x", true), Math.min(y, zero), wide, Math.max(1, Math.abs(y - zero)));
    });
    ctx.restore();
  }

  drawEvents(u) {
    const { ctx, bbox } = u;
    const visible = this.data.events.filter(({ time }) => time >= this.from && time <= this.to);
    const crowded = visible.length > bbox.width / devicePixelRatio / 14;
    let free = -Infinity;
    ctx.save();
    ctx.font = FONT.replace("11px", `${10 * devicePixelRatio}px`);
    ctx.lineWidth = devicePixelRatio;
    for (const { name, time } of visible) {
      const x = Math.round(u.valToPos(time, "x", true)) + 0.5;
      ctx.strokeStyle = ctx.fillStyle = this.colours.event;
      ctx.globalAlpha = 0.55;
      ctx.setLineDash(crowded ? [] : [3 * devicePixelRatio, 4 * devicePixelRatio]);
      line(ctx, x, bbox.top + (crowded ? 0 : 13 * devicePixelRatio), crowded ? bbox.top + 7 * devicePixelRatio : bbox.top + bbox.height);
      ctx.globalAlpha = 1;
      const half = ctx.measureText(name).width / 2;
      if (crowded || x - half < Math.max(free, bbox.left) || x + half > bbox.left + bbox.width) continue;
      ctx.textAlign = "center";
      ctx.fillText(name, x, bbox.top + 9 * devicePixelRatio);
      free = x + half + 6 * devicePixelRatio;
    }
    ctx.restore();
  }

  drawChanges(u) {
    const { ctx } = u;
    const { time, after, rule } = this.told.changesOf(this.asset);
    let lastX = -Infinity, lastY = -Infinity;
    ctx.save();
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.strokeStyle = this.colours.paper;
    for (let at = placeAbove(time, this.from - 1); at < time.length && time[at] <= this.to; at++) {
      const x = u.valToPos(time[at], "x", true), y = u.valToPos(after[at], "y", true);
      if (x - lastX < 3 * devicePixelRatio && Math.abs(y - lastY) < 3 * devicePixelRatio) continue;
      [lastX, lastY] = [x, y];
      ctx.fillStyle = this.ruleColour(rule[at]);
      dot(ctx, x, y, DOT * devicePixelRatio);
    }
    ctx.restore();
  }

  drawChosen(u) {
    if (!this.chosen || this.chosen.time < this.from || this.chosen.time > this.to) return;
    const { ctx, bbox } = u;
    const x = Math.round(u.valToPos(this.chosen.time, "x", true)) + 0.5;
    ctx.save();
    ctx.strokeStyle = this.colours.accent;
    ctx.lineWidth = 1.5 * devicePixelRatio;
    line(ctx, x, bbox.top, bbox.top + bbox.height);
    if (u === this.panes[1].chart && this.chosen.asset === this.asset) {
      ctx.fillStyle = this.colours.paper;
      dot(ctx, x, u.valToPos(this.chosen.after, "y", true), 1.5 * DOT * devicePixelRatio);
    }
    ctx.restore();
  }
}

const FONT = '11px ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const DASHES = [undefined, undefined, [6, 3], [2, 2], [8, 3, 2, 3]];
const TIMES = [
  [31536000, "{YYYY}", null, null, null, null, null, null, 1],
  [2419200, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [86400, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [60, "{HH}:{mm}", "\n{D} {MMM} {YYYY}", null, "\n{D} {MMM}", null, null, null, 1],
];

const aroundZero = (_, low, high) => {
  const [least, most] = [Math.min(0, low ?? 0), Math.max(0, high ?? 0)];
  const room = (most - least || 1) * 0.08;
  return [least - room, most + room];
};
const upToAll = (_, low, high) => [0, Math.min(1, high || 1)]; // distances beyond look alike
const ratios = (_, low, high) => [low / 1.03, high * 1.03];
const belowZero = (_, low) => [Math.min(-0.01, (low ?? 0) * 1.08), 0];
const ratioRange = (_, low, high) => [Math.min(0, (low ?? 0) * 1.1), Math.max(1, high ?? 1) * 1.1];

function line(ctx, x, from, to) {
  ctx.beginPath();
  ctx.moveTo(x, from);
  ctx.lineTo(x, to);
  ctx.stroke();
}

function dot(ctx, x, y, radius) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
}

// Return a function that makes something when it is first asked for.
function once(make) {
  let made;
  return () => (made ??= make());
}

// Return a name cut to a width.
function fitted(name, width) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = FONT;
  if (context.measureText(name).width <= width) return name;
  let shown = name;
  while (shown.length > 3 && context.measureText(shown + "…").width > width) shown = shown.slice(0, -1);
  return shown + "…";
}

// Return by rule the spans of bars in which it had the last word.
function decisive(at, word, count, rules) {
  const found = rules.map(() => []);
  for (let run = 0; run < at.length; run++) {
    if (word[run] >= 0) found[word[run]].push(at[run], run + 1 < at.length ? at[run + 1] : count);
  }
  return found.map((spans) => Uint32Array.from(spans));
}
