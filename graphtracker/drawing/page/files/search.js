// Searching: what was found, where, and the way there.
const search = byId("search"), hits = byId("hits"), MOST_HITS = 100;
let index = null, found = [], active = -1, went = -1;  // went: the hit that was gone to last

function searched() {
  return [...links.values()].map(thing => {
    const rows = thing.rows.filter(([key]) => key !== "run_id" || !thing.key.artifact), time = ([key]) => isTime({section: "rows", key});
    const pairs = ["metadata", "context"].flatMap(section => thing[section].map(([key, text]) => [section, `${key} = ${text}`]));
    const fields = [["name", thing.name], ...rows.filter(row => !time(row)), ...pairs, ...rows.filter(time)];
    return {thing, fields: fields.map(([where, text]) => ({where, text, low: text.toLowerCase()}))};
  });
}
// Where a thing has these words, side by side or each somewhere, and what of that is marked.
function hit({thing, fields}, words, parts) {
  const holding = marks => {
    for (const mark of marks) {
      const field = fields.find(({low}) => low.includes(mark));
      if (field) return {field, mark};
    }
  };
  const whole = holding(words), each = whole ? [whole] : parts.map(holding);
  if (each.includes(undefined)) return null;
  const said = each.filter(({field}, at) => field.where !== "name" && each.findIndex(other => other.field === field) === at);
  if (said.length < 2) return {thing, ...said[0] ?? each[0]};
  const around = ({field: {text, low}, mark}) => text.slice(Math.max(0, low.indexOf(mark) - 40), low.indexOf(mark) + mark.length + 40);
  const text = said.map(around).join(", ");
  return {thing, field: {where: said[0].field.where, text, low: text.toLowerCase()}, mark: said[0].mark};
}
function look() {
  const words = search.value.trim().toLowerCase();
  index ??= searched();
  // Besides as they are written: `a: b`, `a=b` and `a = b` are a key with its value.
  const paired = words.replace(/\s*=\s*|:\s+/g, "="), spellings = text => [...new Set([text, text.replaceAll("=", " = ")])];
  const parts = paired.split(/\s+/).map(spellings), whole = [...new Set([words, ...spellings(paired)])];
  found = words ? index.map(each => hit(each, whole, parts)).filter(Boolean) : [];
  went = -1;
  found.sort((a, b) => (b.field.where === "name") - (a.field.where === "name"));
  border(true);
  const more = [...nodes.values()].reduce((sum, node) => sum + (node.more ?? 0), 0);
  say(words ? `${found.length} found${more ? `, ${more} of stacks are not on this page` : ""}` : "");
  hits.replaceChildren(...found.slice(0, MOST_HITS).map((hit, place) => line(hit, place, hit.mark)));
  if (found.length > MOST_HITS) hits.append(element("li", {role: "presentation", className: "none"}, `… ${found.length - MOST_HITS} more`));
  choose(-1);
  unfold(found.length > 0);
}
// Begin and end, in a text, of the letter that stands at a place of the text in lower case, which may be longer: İ is two.
function letterAt(place, text) {
  let begin = 0, seen = 0;
  for (const letter of text) {
    seen += letter.toLowerCase().length;
    if (seen > place) return [begin, begin + letter.length];
    begin += letter.length;
  }
}
function line({thing, field: {where, text, low}}, place, words) {
  const first = low.indexOf(words), [at] = letterAt(first, text), [, to] = letterAt(first + words.length - 1, text), from = Math.max(0, at - 24);
  const part = element("bdi", {}, from ? "…" : "", text.slice(from, at), element("mark", {}, text.slice(at, to)), text.slice(to, to + 60), text.length > to + 60 ? "…" : "");
  const small = element("small", {}, thing.kind, thing !== thing.node ? ` in ${thing.node.name}` : runOf(thing) ? ` of ${runOf(thing).name}` : "", ...(where === "name" ? [] : [" · ", element("bdi", {}, where), ": ", part]));
  const name = where === "name" ? part : element("bdi", {}, thing.name.length > 90 ? `${thing.name.slice(0, 89)}…` : thing.name);
  return element("li", {role: "option", id: `hit${place}`, onpointerdown: event => event.preventDefault(), onclick: () => take(place)}, name, small);
}
function border(wanted) {
  for (const group of drawing.querySelectorAll(".found")) group.classList.remove("found");
  if (wanted) for (const {thing} of found) thing.node.group.classList.add("found");
}
function unfold(open) {
  hits.hidden = !open;
  search.setAttribute("aria-expanded", open);
}
function choose(place) {
  byId(`hit${active}`)?.removeAttribute("aria-selected");
  active = place;
  const shown = byId(`hit${active}`);
  shown?.setAttribute("aria-selected", "true");
  shown?.scrollIntoView({block: "nearest"});
  if (!shown) search.removeAttribute("aria-activedescendant");
  else search.setAttribute("aria-activedescendant", `hit${active}`);
}
function take(place) {
  if (!found[place]) return;
  choose(went = place);
  unfold(false);
  const {thing} = found[place];
  pick(thing);
  center(thing.node);
  say(`${place + 1} of ${found.length}`);
}
search.addEventListener("input", look);
search.addEventListener("focus", () => { border(true); unfold(found.length > 0); });
search.addEventListener("blur", () => unfold(false));
search.addEventListener("keydown", event => {
  const last = Math.min(found.length, MOST_HITS) - 1, step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  if (step && last >= 0) { event.preventDefault(); unfold(true); choose(active + step > last ? 0 : active + step < 0 ? last : active + step); }
  else if (event.key === "Enter") take(hits.hidden && active === went && went >= 0 ? (went + (event.shiftKey ? found.length - 1 : 1)) % found.length : Math.max(0, active));
  else if (event.key === "Escape") {
    border(false);
    if (!hits.hidden) { event.preventDefault(); event.stopPropagation(); unfold(false); }
  }
});
