"use strict";
// Shows the data that stand in the page. Texts become text nodes and attributes alone, never markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const STATUSES = ["imposed", "extended", "enforced", "proposed", "threatened", "evaded", "opposed", "eased", "lifted"];
  const COLOURS = ["#b3261e", "#d9622b", "#8e44ad", "#0b57d0", "#c28a00", "#7a6a58", "#4a9aa5", "#66a35c", "#2e7d32"];
  const PAGE = 50;
  const number = new Intl.NumberFormat("en");

  /** An element with attributes and children; strings become text. */
  function make(name, attributes, ...children) {
    const svg = ["svg", "rect", "text", "title", "g", "line"].includes(name);
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }

  const at = (id) => document.getElementById(id);
  const count = (n, one, many) => `${number.format(n)} ${n === 1 ? one : many || one + "s"}`;

  function summary() {
    const c = data.counts;
    const span = data.days[0] ? `, measures from ${data.days[0]} to ${data.days[1]}` : "";
    at("lead").append(`${count(c.articles, "article")}, ${number.format(c.relevant)} of them on sanctions${span}.`);
    const figures = [["articles", c.articles], ["on sanctions", c.relevant], ["measures", c.measures], ["different targets", c.targets],
      ["different imposers", c.imposers], ["entities", c.entities], ["mentions", c.mentions], ["outlets", c.outlets]];
    if (data.faults) figures.push(["lines that could not be read", data.faults]);
    at("summary").append(make("ul", { class: "figures" },
      ...figures.map(([name, n]) => make("li", {}, make("b", {}, number.format(n)), name))));
    if (c.undated) at("summary").append(make("p", { class: "quiet" }, `${count(c.undated, "article")} without a day of publication; the timeline is without them.`));
    const known = (value) => (value === null || value === undefined ? "" : String(value));
    const rows = data.files.map((file) => make("tr", {}, make("td", {}, file.path), make("td", {}, known(file.run)), make("td", {}, known(file.version)),
      make("td", {}, known(file.model)), make("td", {}, known(file.scope)), make("td", { class: "number" }, file.counts ? number.format(file.counts.read) : ""),
      make("td", { class: "number" }, file.counts ? number.format(file.counts.faults) : ""), make("td", { class: "number" }, known(file.seconds))));
    const heads = ["file", "run", "version", "model", "scope", "records read", "faults", "seconds"];
    at("summary").append(make("details", {}, make("summary", {}, `${count(data.files.length, "file")} of output lines`),
      make("div", { class: "scroll" }, make("table", {}, make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))), make("tbody", {}, ...rows)))));
  }

  function timeline() {
    const { step, bins } = data.timeline;
    if (!bins.length) return void at("timeline").append(make("p", {}, "No measure stands in an article with a day of publication."));
    const total = ([, counts]) => Object.values(counts).reduce((sum, n) => sum + n, 0);
    const most = Math.max(...bins.map(total), 1);
    const [left, height, wide] = [46, 180, 1000];
    const width = (wide - left) / bins.length;
    const bars = bins.map(([label, counts], i) => {
      let top = height;
      const told = STATUSES.filter((status) => counts[status]).map((status) => `${status} ${counts[status]}`).join(", ");
      const parts = STATUSES.map((status, s) => {
        const tall = ((counts[status] || 0) / most) * (height - 10);
        top -= tall;
        return tall ? make("rect", { x: left + i * width, y: top, width: Math.max(width - 1, .5), height: tall, fill: COLOURS[s] }) : null;
      });
      return make("g", {}, make("title", {}, `${label}: ${told || "none"}`), ...parts);
    });
    const every = Math.ceil(bins.length / 10);
    const labels = bins.map(([label], i) => (i % every ? null : make("text", { x: left + i * width, y: height + 16 }, label)));
    const first = bins[0][0], last = bins[bins.length - 1][0];
    at("timeline").append(make("div", { class: "scroll" }, make("svg", { viewBox: `0 0 ${wide + 60} ${height + 22}`, width: "100%", style: "min-width: 40rem", role: "img", "aria-label": `Measures by status for each ${step} from ${first} to ${last}, at most ${most}` },
      make("line", { x1: left, x2: wide, y1: height, y2: height, stroke: "currentColor" }), make("text", { x: 0, y: 14 }, number.format(most)), make("text", { x: 0, y: height }, "0"), ...bars, ...labels)),
      make("ul", { class: "legend" }, ...STATUSES.map((status, s) => (data.statuses[status] ? make("li", {}, make("span", { class: "swatch", style: `background: ${COLOURS[s]}` }), `${status} ${number.format(data.statuses[status])}`) : null)).filter(Boolean)),
      make("p", { class: "quiet" }, `Each bar is one ${step}.`));
  }

  const heat = (share) => `background: rgba(var(--heat), ${share ? (.12 + .68 * Math.sqrt(share)).toFixed(3) : 0})`;

  function map() {
    const roles = [["target", "are targeted"], ["imposer", "impose"], ["linked", "are linked"], ["named", "are named"]];
    const tiles = make("div", { class: "tiles" });
    const off = make("p", { class: "quiet" });
    function draw(role) {
      const most = Math.max(...Object.values(data.countries).map((country) => country[role]), 1);
      const placed = new Set(data.tiles.map((tile) => tile.code));
      tiles.replaceChildren(...data.tiles.map(({ code, column, row }) => {
        const country = data.countries[code];
        const n = country ? country[role] : 0;
        const told = country ? `${country.name}: targeted in ${count(country.target, "article")}, imposing in ${number.format(country.imposer)}, linked in ${number.format(country.linked)}, named in ${number.format(country.named)}` : `${code}: in no article`;
        return make("button", { type: "button", class: country ? null : "none", disabled: country ? null : "", title: told, "aria-label": told, "data-code": code,
          style: `grid-column: ${column + 1}; grid-row: ${row + 1}; ${heat(n / most)}`, onclick: () => browser.who(code, country.name) }, code);
      }));
      const others = Object.entries(data.countries).filter(([code, country]) => !placed.has(code) && country[role]);
      off.textContent = others.length ? "Not on the map: " + others.map(([, country]) => `${country.name} ${number.format(country[role])}`).join(", ") + "." : "";
    }
    const choose = make("select", { onchange: (event) => draw(event.target.value) }, ...roles.map(([role, name]) => make("option", { value: role }, name)));
    at("map").append(make("div", { class: "tools" }, make("label", {}, "Articles in which countries", choose)), make("div", { class: "scroll" }, tiles), off,
      make("p", { class: "quiet" }, "One tile a state, each near its neighbours; the darker, the more articles. Choose a tile to see its articles."));
    draw("target");
  }

  function targets() {
    const heads = ["name", "type", "articles", "measures", "outlets", "first", "last"];
    const body = data.targets.map((party) => make("tr", {}, make("td", {}, make("button", { type: "button", class: "name", onclick: () => browser.who(party.who, party.name) }, party.name)),
      make("td", {}, party.type.toLowerCase()), ...["articles", "measures", "outlets"].map((key) => make("td", { class: "number" }, number.format(party[key]))),
      make("td", {}, party.first || ""), make("td", {}, party.last || "")));
    const rest = data.counts.targets - data.targets.length;
    at("targets").append(make("div", { class: "scroll", style: "max-height: 30rem; overflow-y: auto", tabindex: "0", role: "region", "aria-label": "Most targeted" },
      make("table", {}, make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col", class: ["articles", "measures", "outlets"].includes(head) ? "number" : null }, head)))), make("tbody", {}, ...body))),
      make("p", { class: "quiet" }, `${number.format(data.targets.length)} of ${count(data.counts.targets, "target")} are shown` + (rest > 0 ? `; the other ${number.format(rest)} stand in no more articles than these.` : ".")));
  }

  function matrix() {
    const { imposers, targets: columns, cells } = data.matrix;
    if (!imposers.length || !columns.length) return void at("matrix").append(make("p", {}, "No measure names both who imposes it and whom it is aimed at."));
    const most = Math.max(...cells.flat(), 1);
    at("matrix").append(make("div", { class: "scroll" }, make("table", { class: "matrix" },
      make("thead", {}, make("tr", {}, make("td", {}), ...columns.map((target) => make("th", { scope: "col", class: "column target" }, target.name)))),
      make("tbody", {}, ...imposers.map((imposer, i) => make("tr", {}, make("th", { scope: "row", class: "imposer" }, imposer.name),
        ...cells[i].map((n, j) => make("td", { style: heat(n / most), title: `${imposer.name} → ${columns[j].name}: ${count(n, "article")}` }, n ? number.format(n) : ""))))))),
      make("p", { class: "quiet" }, `Articles with a measure of the one (row) against the other (column): the ${imposers.length} foremost of ${count(data.counts.imposers, "imposer")}, the ${columns.length} foremost of ${count(data.counts.targets, "target")}.`));
  }

  const browser = (() => {
    const articles = data.articles;
    const head = (article) => (article.head ||= article.title || firstWords(article) || article.id);
    const state = { found: [], shown: 0, open: -1, who: null };
    let search, status, role, from, to, list, told, reader, more, party;

    function firstWords(article) {
      const text = article.text ? Array.from(article.text).slice(article.from || 0).join("") : article.entities.map((entity) => entity.name).join(", ");
      const words = text.replace(/\s+/g, " ").trim();
      return words.length > 90 ? words.slice(0, 90) + "…" : words;
    }

    /** What a search looks through, made once an article. */
    function haystack(article) {
      article.haystack ||= [article.title, article.text, article.outlet, article.id, ...article.entities.map((entity) => entity.name), ...article.measures.map((measure) => measure.status)].join("\n").toLowerCase();
      return article.haystack;
    }

    function find() {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      state.found = articles.filter((article) =>
        words.every((word) => haystack(article).includes(word)) &&
        (!status.value || article.measures.some((measure) => measure.status === status.value)) &&
        (!from.value || (article.published || "").slice(0, 10) >= from.value) &&
        (!to.value || (article.published && article.published.slice(0, 10) <= to.value)) &&
        (!(state.who || role.value) || article.entities.some((entity) => (!state.who || entity.who === state.who) && (!role.value || entity.roles.includes(role.value)))));
      state.open = -1;
      state.shown = 0;
      list.replaceChildren();
      showMore();
      reader.replaceChildren(make("p", { class: "quiet" }, "Choose an article."));
    }

    function showMore() {
      const next = state.found.slice(state.shown, state.shown + PAGE);
      list.append(...next.map((article, i) => {
        const place = state.shown + i;
        const parts = [article.published, article.outlet, count(article.measures.length, "measure")].filter(Boolean).join(" · ");
        return make("li", {}, make("button", { type: "button", "data-place": place, onclick: () => open(place) }, head(article), make("small", {}, parts)));
      }));
      state.shown += next.length;
      more.hidden = state.shown >= state.found.length;
      const all = data.counts.articles;
      const held = articles.length < all ? ` This page holds ${number.format(articles.length)} of ${count(all, "article")}, those with measures first and otherwise a sample; every figure above counts all. --articles sets how many.` : "";
      told.textContent = `${count(state.found.length, "article")} found, ${number.format(state.shown)} listed.` + held;
    }

    function open(place) {
      while (place >= state.shown && state.shown < state.found.length) showMore();
      const article = state.found[place];
      if (!article) return;
      state.open = place;
      for (const button of list.querySelectorAll("button")) button.setAttribute("aria-current", Number(button.dataset.place) === place);
      list.querySelector(`button[data-place="${place}"]`).scrollIntoView({ block: "nearest" });
      read(article);
    }

    function read(article) {
      const facts = [article.published, article.outlet, `${article.path}, record ${article.record}`, `id ${article.id}`].filter(Boolean).join(" · ");
      const web = /^https?:\/\//i.test(article.url || "") ? make("a", { href: article.url, rel: "noreferrer noopener", target: "_blank" }, article.url) : article.url || null;
      const names = (places) => places.map((place) => article.entities[place].name).join(", ");
      const measures = article.measures.map((measure, i) => make("li", {}, make("button", { type: "button", onclick: () => light(i) },
        make("span", { class: "badge" }, measure.status), names(measure.imposers) || "nobody named", " → ", names(measure.targets) || "nobody named",
        make("small", { class: "quiet" }, ` “${measure.words || ""}”, score ${measure.score}`))));
      reader.replaceChildren(make("h3", { tabindex: "-1" }, head(article)), make("p", { class: "quiet" }, facts), make("p", {}, web),
        make("ul", { class: "legend" }, ...["target", "imposer", "linked"].map((name) => make("li", {}, make("span", { class: `entity ${name}` }, name))), make("li", {}, make("span", { class: "entity" }, "only named")), make("li", {}, make("span", { class: "evidence" }, "evidence"))),
        article.measures.length ? make("ul", { class: "measures" }, ...measures) : make("p", { class: "quiet" }, article.relevant ? "It speaks of sanctions and of no measure." : "It does not speak of sanctions."),
        article.text === null ? make("p", {}, "The lines were written without text. Entities: " + article.entities.map((entity) => entity.name + (entity.roles.length ? ` (${entity.roles.join(", ")})` : "")).join("; ")) : text(article));
    }

    /** The text cut at every border of a mention, trigger or evidence; each piece knows all that cover it. */
    function text(article) {
      const points = Array.from(article.text);
      const ranges = [];
      article.entities.forEach((entity) => entity.mentions.forEach(([start, end]) => ranges.push({ start, end, entity })));
      article.measures.forEach((measure, i) => {
        ranges.push({ start: measure.evidence[0], end: measure.evidence[1], evidence: i });
        ranges.push({ start: measure.trigger[0], end: measure.trigger[1], trigger: true });
      });
      const borders = [...new Set([0, points.length, ...ranges.flatMap((range) => [range.start, range.end])])].sort((a, b) => a - b);
      const starts = [...ranges].sort((a, b) => a.start - b.start);
      const box = make("div", { class: "text", tabindex: "0", role: "region", "aria-label": "Text of the article" });
      let next = 0, covering = [];
      for (let i = 0; i + 1 < borders.length; i++) {
        const [start, end] = [borders[i], borders[i + 1]];
        covering = covering.filter((range) => range.end > start);
        for (; next < starts.length && starts[next].start <= start; next++) if (starts[next].end > start) covering.push(starts[next]);
        const piece = points.slice(start, end).join("");
        if (!covering.length) { box.append(piece); continue; }
        const entity = covering.map((range) => range.entity).find(Boolean);
        const evidence = covering.filter((range) => range.evidence !== undefined).map((range) => range.evidence);
        const classes = [entity ? ["entity", ["target", "imposer", "linked"].find((name) => entity.roles.includes(name))] : [], evidence.length ? "evidence" : [], covering.some((range) => range.trigger) ? "trigger" : []].flat().filter(Boolean);
        box.append(make("span", { class: classes.join(" "), "data-evidence": evidence.join(" ") || null, title: entity ? `${entity.name}: ${entity.type.toLowerCase()}, ${entity.roles.join(", ") || "only named"}, score ${entity.score}` : null }, piece));
      }
      return box;
    }

    function light(measure) {
      let first = null;
      for (const span of reader.querySelectorAll("[data-evidence]")) {
        const its = span.dataset.evidence.split(" ").includes(String(measure));
        span.classList.toggle("lit", its);
        first ||= its ? span : null;
      }
      if (first) first.scrollIntoView({ block: "center" });
    }

    /** Shows the articles that name one party. */
    function who(key, name) {
      state.who = key;
      party.replaceChildren(make("button", { type: "button", onclick: () => { state.who = null; party.replaceChildren(); find(); } }, `only with ${name} ✕`));
      find();
      at("articles").scrollIntoView();
      at("articles").focus({ preventScroll: true });
    }

    function start() {
      let waiting;
      const later = () => { clearTimeout(waiting); waiting = setTimeout(find, 150); };
      const options = (names) => [make("option", { value: "" }, "any"), ...names.map((name) => make("option", { value: name }, name))];
      search = make("input", { type: "search", id: "search", oninput: later, placeholder: "words, names, ids", autocomplete: "off" });
      status = make("select", { id: "status", onchange: find }, ...options(STATUSES.filter((name) => data.statuses[name])));
      role = make("select", { id: "role", onchange: find }, ...options(["target", "imposer", "linked"]));
      from = make("input", { type: "date", onchange: find });
      to = make("input", { type: "date", onchange: find });
      party = make("span", {});
      told = make("p", { class: "quiet", id: "told", role: "status" });
      list = make("ul", { class: "list", id: "list" });
      more = make("button", { type: "button", id: "more", onclick: showMore }, "Show more");
      reader = make("article", { class: "reader", id: "reader" });
      at("browser").append(make("div", { class: "tools" }, make("label", {}, "Search ( / )", search), make("label", {}, "Status of a measure", status), make("label", {}, "With a role", role),
        make("label", {}, "From", from), make("label", {}, "To", to), party), told,
        make("div", { class: "columns" }, make("div", {}, list, more), reader), make("p", { class: "quiet" }, "Keys: / searches, j and k go to the next and previous article."));
      document.addEventListener("keydown", (event) => {
        const typing = ["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement.tagName);
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === "Escape" && typing) return document.activeElement.blur();
        if (typing) return;
        if (event.key === "/") { event.preventDefault(); search.focus(); }
        if (event.key === "j") open(state.open + 1);
        if (event.key === "k") open(Math.max(state.open - 1, 0));
      });
      find();
    }
    return { start, who };
  })();

  summary();
  timeline();
  map();
  targets();
  matrix();
  browser.start();
})();
