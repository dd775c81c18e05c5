// Searching: what was found, where, and the way there.
const search = byId("search"), hits = byId("hits"), MOST_HITS = 100;
let index = null, found = [], active = -1;

function searched() {
  return [...links.values()].map(thing => {
    const rows = thing.rows.filter(([key]) => key === "path" || key === "place" || (key === "run_id" && !thing.key.artifact));
    const fields = [["name", thing.name], ...[...rows, ...thing.metadata, ...thing.context].flatMap(([key, text]) => [[key, text], ["key", key]])];
    return {thing, fields: fields.map(([where, text]) => ({where, text, low: text.toLowerCase()}))};
  });
}
function look() {
  const words = search.value.trim().toLowerCase();
  index ??= searched();
  found = [];
  for (const {thing, fields} of words ? index : []) {
    const field = fields.find(({low}) => low.includes(words));
    if (field) found.push({thing, field});
  }
  found.sort((a, b) => (b.field.where === "name") - (a.field.where === "name"));
  for (const group of drawing.querySelectorAll(".found")) group.classList.remove("found");
  for (const {thing} of found) thing.node.group.classList.add("found");
  const more = [...nodes.values()].reduce((sum, node) => sum + (node.more ?? 0), 0);
  say(words ? `${found.length} found${more ? `, ${more} of stacks are not on this page` : ""}` : "");
  hits.replaceChildren(...found.slice(0, MOST_HITS).map((hit, place) => line(hit, place, words)));
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
function unfold(open) {
  hits.hidden = !open;
  search.setAttribute("aria-expanded", open);
}
function choose(place) {
  hits.children[active]?.removeAttribute("aria-selected");
  active = place;
  hits.children[active]?.setAttribute("aria-selected", "true");
  hits.children[active]?.scrollIntoView({block: "nearest"});
  if (active < 0) search.removeAttribute("aria-activedescendant");
  else search.setAttribute("aria-activedescendant", `hit${active}`);
}
function take(place) {
  if (!found[place]) return;
  choose(place);
  unfold(false);
  const {thing} = found[place];
  pick(thing);
  center(thing.node);
  say(`${place + 1} of ${found.length}`);
}
search.addEventListener("input", look);
search.addEventListener("focus", () => unfold(found.length > 0));
search.addEventListener("blur", () => unfold(false));
search.addEventListener("keydown", event => {
  const last = Math.min(found.length, MOST_HITS) - 1, step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  if (step && last >= 0) { event.preventDefault(); unfold(true); choose(active + step > last ? 0 : active + step < 0 ? last : active + step); }
  else if (event.key === "Enter") take(Math.max(0, active));
  else if (event.key === "Escape" && !hits.hidden) { event.preventDefault(); event.stopPropagation(); unfold(false); }
});
