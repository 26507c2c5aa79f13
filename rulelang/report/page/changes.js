// Changes: the list of them, and why the chosen one happened.

const PAGE = 100;
const MARKS = { y: ["✓", "holds"], n: ["✗", "does not hold"], u: ["?", "unknown"] };

class Changes {
  constructor(data, list, why) {
    Object.assign(this, { data, list, why });
    this.all = data.changes;
    this.places = new Map(this.all.number.map((number, at) => [number, at]));
    this.byAsset = data.assets.map((_, asset) => this.picked((at) => this.all.asset[at] === asset));
    this.chosen = null;
    this.onChoose = () => {};
    this.listed = PAGE;
    this.asset = 0;
  }

  picked(keep) {
    const found = {};
    const places = this.all.number.map((_, at) => at).filter(keep);
    for (const [name, column] of Object.entries(this.all)) found[name] = places.map((at) => column[at]);
    return found;
  }

  one(number) {
    const at = this.places.get(number);
    return Object.fromEntries(Object.entries(this.all).map(([name, column]) => [name, column[at]]));
  }

  ruleName(rule) {
    return rule < 0 ? "otherwise" : this.data.rules[rule];
  }

  // --- the list

  show(asset) {
    if (asset !== this.asset) this.listed = PAGE;
    this.asset = asset;
    const mine = this.byAsset[asset];
    const last = mine.number.length;
    const rows = [];
    for (let at = last - 1; at >= Math.max(0, last - this.listed); at--) rows.push(this.row(mine, at));
    const more = last > this.listed ? `<button type="button" class="more">${Math.min(PAGE, last - this.listed)} earlier</button>` : "";
    const heads = "<tr><th>Decided, UTC</th><th>Change</th><th>By</th><th>Earned</th></tr>";
    const body = rows.length ? `<div class="rows"><table><thead>${heads}</thead><tbody>${rows.join("")}</tbody></table>${more}</div>` : '<p class="aside">The target never changed.</p>';
    this.list.innerHTML = `<h3>Changes <small>${last.toLocaleString("en-US")}, newest first</small></h3>${body}`;
    this.list.querySelectorAll("tbody tr").forEach((row) => row.addEventListener("click", () => this.onChoose(Number(row.dataset.number), true)));
    this.list.querySelector(".more")?.addEventListener("click", () => {
      this.listed += PAGE;
      this.show(asset);
    });
    this.mark();
  }

  row(mine, at) {
    const earned = mine.earned[at];
    const colour = mine.rule[at] < 0 ? "var(--quiet)" : `var(--rule${mine.rule[at] % 8})`;
    const cells = [
      minute(mine.time[at]), `${level(mine.before[at], mine.target[at])} → ${level(mine.after[at], mine.target[at])}`,
      `<i class="swatch" style="--colour:${colour}"></i>${escaped(this.ruleName(mine.rule[at]))}`,
      `<span class="${earned < 0 ? "loss" : "profit"}">${plus(earned, money(earned))}</span>`,
    ];
    return `<tr data-number="${mine.number[at]}" tabindex="-1"><td>${cells.join("</td><td>")}</td></tr>`;
  }

  mark() {
    this.list.querySelectorAll(".chosen").forEach((row) => row.classList.remove("chosen"));
    const row = this.list.querySelector(`[data-number="${this.chosen}"]`);
    row?.classList.add("chosen");
    const rows = row?.closest(".rows");
    if (rows) rows.scrollTop = row.offsetTop - rows.clientHeight / 2;
  }

  // Return the number of the change before or after the chosen one.
  neighbour(by) {
    const { number } = this.byAsset[this.asset];
    if (!number.length) return null;
    const at = number.indexOf(this.chosen);
    return number[at < 0 ? number.length - 1 : Math.min(number.length - 1, Math.max(0, at + by))];
  }

  // --- why

  choose(number) {
    this.chosen = number;
    const change = this.one(number);
    const { told, texts } = this.data.reasons;
    const reason = told[number];
    const head = `<h3>Why <small>change ${this.of(change)}</small>${STEPPERS}</h3>`;
    this.why.innerHTML = head + this.summary(change) + (reason ? reasoned(reason, texts) : this.asked(change));
    this.why.querySelectorAll("h3 button").forEach((button, at) => button.addEventListener("click", () => this.onChoose(this.neighbour(at ? 1 : -1), true)));
    this.why.scrollTop = 0;
    this.mark();
  }

  // Say which change it is, of those of its asset.
  of({ asset, number }) {
    const mine = this.byAsset[asset].number;
    return `${(mine.indexOf(number) + 1).toLocaleString("en-US")} of ${mine.length.toLocaleString("en-US")}`;
  }

  summary({ time, target, before, after, rule, earned, asset }) {
    const of = this.data.assets.length > 1 ? `${escaped(this.data.assets[asset].name)} ` : "";
    const big = `<p class="big">${of}${escaped(target)} ${level(before, target)} → <strong>${level(after, target)}</strong></p>`;
    const brought = known(earned) ? ` · earned until the next change: <span class="${earned < 0 ? "loss" : "profit"}">${plus(earned, money(earned))}</span>` : "";
    return `${big}<p class="aside">${minute(time)} UTC · by <code>${escaped(this.ruleName(rule))}</code>${brought}</p>`;
  }

  // The command that tells why, where the page doesn't.
  asked({ time, asset }) {
    const of = this.data.assets.length > 1 ? ` --asset ${this.data.assets[asset].name}` : "";
    const command = `${this.data.command} --at ${moment(time)}${of}`;
    return `<p>The page holds the reasons of the newest changes only. This tells the one chosen:</p><pre class="command">${escaped(command)}</pre>`;
  }

  hint() {
    this.why.innerHTML = '<h3>Why</h3><p class="aside">Click a change, a dot on the hedge or a row below, to read why it happened.</p>';
  }
}

const STEPPERS = '<span class="steppers"><button type="button" aria-label="The change before">‹</button><button type="button" aria-label="The change after">›</button></span>';
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const coded = (text) => escaped(text).replace(/`([^`]+)`/g, "<code>$1</code>");

// Return sentences with those below them; what inactive rules have to say is folded.
function reasoned([, , below = []], texts) {
  return `<div class="told">${below.map((one) => part(one, texts)).join("")}</div>`;
}

function part([at, , below = []], texts) {
  const heading = texts[at];
  const list = `<ul>${below.map((one) => sentence(one, texts)).join("")}</ul>`;
  if (heading === "inactive rules") return `<details><summary>${below.length} inactive rule${below.length === 1 ? "" : "s"}</summary>${list}</details>`;
  return `<h4>${coded(heading)}</h4>${list}`;
}

function sentence([at, mark, below = []], texts) {
  const [sign, meaning] = MARKS[mark] ?? ["", ""];
  const shown = sign ? `<b class="mark ${mark}" title="${meaning}">${sign}</b>` : "";
  const list = below.length ? `<ul>${below.map((one) => sentence(one, texts)).join("")}</ul>` : "";
  return `<li>${shown}${coded(texts[at])}${list}</li>`;
}
