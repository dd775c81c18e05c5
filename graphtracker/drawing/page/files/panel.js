// Beside the picture: what is chosen, in tables.
const SECTIONS = ["metadata", "context", "rows"], MOST = 500;  // MOST: lines of a list that a browser lays out at once

// Key by key what each of these things has: a value is [text], of numbers and truths [text, itself], or undefined.
function lines(things) {
  const found = new Map();
  for (const section of SECTIONS) things.forEach((thing, place) => {
    for (const [key, ...value] of thing[section]) {
      const name = `${section} ${key}`;
      if (!found.has(name)) found.set(name, {section, key, values: Array.from(things, () => undefined)});
      found.get(name).values[place] = value;
    }
  });
  return [...found.values()];
}
const itself = value => value && (value[1] ?? value[0]);
const isTime = ({section, key}) => section === "rows" && key.endsWith("_at");
const differs = ({values}) => values.some(value => itself(value) !== itself(values[0]));

// A stack compared with something else has of each key all that its members have.
function asOne(thing) {
  if (!thing.members) return thing;
  const joined = {rows: [], context: [], metadata: []};
  for (const {section, key, values} of lines(thing.members)) {
    const texts = [...new Set(values.map(value => value?.[0] ?? "—"))];
    joined[section].push([key, texts.slice(0, 5).join(", ") + (texts.length > 5 ? `, … ${texts.length} values` : "") + (thing.more ? ` (of the first ${thing.members.length})` : "")]);
  }
  return joined;
}

function cell(value) {
  if (!value) return element("td", {className: "none"}, "—");
  return element("td", {className: typeof value[1] === "number" ? "number" : "", title: value[0]}, ...broken(value[0]));
}
function rows(kept) {
  return element("table", {}, ...kept.map(({key, values}) =>
    element("tr", {}, element("th", {scope: "row"}, ...broken(key)), ...values.map(([text]) => element("td", {}, ...broken(text))))));
}
function told(things, kept = () => true) {
  return ["rows", "context", "metadata"].flatMap(section => {
    const found = lines(things).filter(line => line.section === section && kept(line));
    for (const line of found) line.values.length = 1;
    return found.length ? [...(section === "rows" ? [] : [element("h3", {}, section)]), rows(found)] : [];
  });
}
// Its text can be selected, as that of a button cannot.
function chooser(thing, words = named(thing)) {
  const made = element("span", {role: "button", tabIndex: 0, className: "plain"}, ...broken(words));
  const second = event => event.shiftKey || event.ctrlKey || event.metaKey;
  made.onmousedown = event => { if (second(event)) event.preventDefault(); };  // which would select what stands between
  made.onclick = event => { if (second(event) || getSelection().isCollapsed) pick(thing, second(event)); };
  made.onkeydown = event => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pick(thing, event.shiftKey); } };
  return made;
}
// So many runs and artifacts; each of those that are drawn as one counts.
function many(some) {
  const counts = {run: 0, artifact: 0};
  for (const {key, members} of some) counts[key.artifact ? "artifact" : "run"] += members?.length ?? 1;
  return Object.entries(counts).filter(([, count]) => count).map(([word, count]) => `${count} ${word}${count > 1 ? "s" : ""}`).join(", ") || "nothing";
}
function list(words, things, onToggle) {
  const shown = things.slice(0, MOST).map(thing => element("li", {}, chooser(thing)));
  if (things.length > MOST) shown.push(element("li", {className: "none"}, `… ${things.length - MOST} more`));
  return element("details", {name: "list", ontoggle: onToggle}, element("summary", {}, words), element("ul", {}, ...shown));
}

// The names without what they all begin with, which the heading says.
function endings(names) {
  let same = 0;
  while (same < names[0].length && names.every(name => name[same] === names[0][same])) same += 1;
  const from = names[0].slice(0, same).search(/[^\s._/:-]*$/);
  return names.every(name => name.length > from) ? names.map(name => name.slice(from)) : names;
}
function table(stack) {
  const names = stack.members.map(thing => thing.name), shown = endings(names);
  const repeated = ({key, values}) => key === "run_id" && values.every((value, at) => value?.[0].endsWith(names[at].split(" of ").at(-1)));
  const rank = ({section, key}) => section === "metadata" && stack.telling.includes(key) ? stack.telling.indexOf(key) : Infinity;
  const columns = lines(stack.members).filter(line => differs(line) && !repeated(line)).sort((a, b) => rank(a) - rank(b) || 0);
  const body = element("tbody"), heads = [{key: "name", values: names.map(name => [name])}, ...columns].map((column, at) =>
    element("th", {scope: "col", className: column.values.some(value => typeof value?.[1] === "number") ? "number" : ""},
      element("button", {onclick: () => sort(column, at)}, column.key)));
  const order = (a, b, values) => {
    const [one, two] = [itself(values[a]), itself(values[b])];
    if (one === undefined || two === undefined) return (one === undefined) - (two === undefined);
    const sign = stack.sorted.down ? -1 : 1;
    if (typeof one !== "string" && typeof two !== "string") return sign * (one - two);
    return sign * (typeof one === typeof two ? one.localeCompare(two, "en", {numeric: true}) : typeof one === "string" ? 1 : -1);
  };
  function sort(column, at) {
    stack.sorted = {at, down: stack.sorted?.at === at && !stack.sorted.down};
    fill(column.values);
  }
  function fill(values) {
    const {at, down} = stack.sorted ??= {at: 0, down: false};
    heads.forEach((head, place) => head.setAttribute("aria-sort", place !== at ? "none" : down ? "descending" : "ascending"));
    const places = stack.members.map((_, place) => place).sort((a, b) => order(a, b, values) || a - b);
    body.replaceChildren(...places.slice(0, MOST).map(place => element("tr", {},
      element("th", {scope: "row", title: names[place]}, chooser(stack.members[place], shown[place])), ...columns.map(column => cell(column.values[place])))));
    if (places.length > MOST) body.append(element("tr", {}, element("td", {colSpan: heads.length, className: "none"}, `… ${places.length - MOST} more`)));
  }
  fill((columns[(stack.sorted?.at ?? 0) - 1] ?? {values: names.map(name => [name])}).values);
  return element("div", {className: "wide"}, element("table", {className: "sorted"}, element("thead", {}, element("tr", {}, ...heads)), body));
}

function tell(one, two, ways) {
  panel.hidden = byId("divider").hidden = one === null;
  if (one === null) return panel.replaceChildren();
  const close = element("button", {className: "close", title: "Close ( Esc )", ariaLabel: "Close", onclick: () => go(null)}, "×");
  panel.replaceChildren(close, ...(two ? ofTwo(one, two, ways[0]) : ofOne(one, ways)));
  panel.scrollTop = 0;
}
function ofOne(thing, ways) {
  const {node, members} = thing, said = [];
  if (thing !== node) said.push(element("p", {}, "one of ", chooser(node)));
  else if (runOf(thing)) said.push(element("p", {}, "of ", chooser(runOf(thing))));
  // A page holds the first members of a large stack: what is said of all is said of these.
  const notHere = thing.more ? [element("p", {className: "none"}, `${thing.more} more are not on this page; export -o FILE.json writes all.`)] : [];
  if (members) said.push(table(thing), ...notHere, element("h3", {}, thing.more ? `the same in these ${members.length}` : "the same in all"), ...told(members, line => !differs(line)));
  else said.push(...told([thing]));
  const chains = [["came from", "up"], ["made from it", "down"]].map(([words], place) => {
    const others = [...ways[place]].filter(other => other !== node);
    return list(`${words}: ${many(others)}`, others, () => {
      const open = [...panel.querySelectorAll("details")].map(({open}) => open);
      light(open.includes(true) ? ways.filter((_, way) => open[way]) : ways);
    });
  });
  return [
    element("h2", {}, element("bdi", {}, thing.name)), element("p", {}, thing.kind),
    element("button", {id: "compare", onclick: () => pickSecond(true)}, "compare with…"), ...said, ...chains,
  ];
}
function ofTwo(one, two, way) {
  const found = lines([one, two].map(asOne)).filter(line => line.key !== "run_id" && differs(line));
  const head = (thing, className) => element("th", {scope: "col", className}, chooser(thing));
  const kinds = {metadata: "metadata", context: "context", rows: "places", times: "times"};
  const kindOf = line => isTime(line) ? "times" : line.section, count = found.filter(line => !isTime(line)).length;
  const bodies = Object.keys(kinds).map(kind => [kind, found.filter(line => kindOf(line) === kind)]).filter(([, some]) => some.length).map(([kind, some]) =>
    element("tbody", {}, element("tr", {}, element("th", {scope: "rowgroup", colSpan: 3, className: "none"}, kinds[kind])),
      ...some.map(({key, values}) => element("tr", {}, element("th", {scope: "row"}, ...broken(key)), ...values.map(cell)))));
  return [
    element("h2", {}, element("bdi", {className: "one"}, named(one)), " ↔ ", element("bdi", {className: "two"}, named(two))),
    element("p", {}, count ? `${count} difference${count > 1 ? "s" : ""}` : "no differences"),
    element("table", {id: "differences"}, element("thead", {}, element("tr", {}, element("th"), head(one, "one"), head(two, "two"))), ...bodies), joined(one, two, way),
  ];
}
function joined(one, two, way) {
  const others = [...way].filter(node => node !== one.node && node !== two.node);
  if (one.node === two.node) {
    const inside = [one, two].filter(thing => thing !== thing.node);
    return element("p", {}, ...inside.length > 1 ? ["Both are in "] : [chooser(inside[0]), " is in "], chooser(one.node), ".");
  }
  if (!way.size) return element("p", {}, "No path leads from one to the other.");
  return others.length ? list(`on the paths between them: ${many(others)}`, others) : element("p", {}, "One was made from the other, with nothing between them.");
}

// The divider gives room to the panel, or takes it.
const narrow = matchMedia("(max-width: 700px)");
function resize(length) { document.body.style.setProperty("--panel", `${length}px`); }
byId("divider").onpointerdown = event => byId("divider").setPointerCapture(event.pointerId);
byId("divider").onpointermove = event => {
  const end = panel.getBoundingClientRect();
  if (event.buttons) resize(narrow.matches ? end.bottom - event.clientY : end.right - event.clientX);
};
byId("divider").onkeydown = event => {
  const step = {ArrowLeft: 30, ArrowUp: 30, ArrowRight: -30, ArrowDown: -30}[event.key];
  if (step) { event.stopPropagation(); resize((narrow.matches ? panel.offsetHeight : panel.offsetWidth) + step); }
};
