// The keys, and the start.
function flow() {  // whether the data go to the right, or down
  let right = 0, down = 0;
  for (const node of [...nodes.values()].slice(0, 100)) for (const other of node.down) {
    const from = place(node), to = place(other);
    right += Math.sign(Math.round(to.x - from.x));  // counted: a chain that is wrapped goes far back, but seldom
    down += Math.sign(Math.round(to.y - from.y));
  }
  return right >= down ? {ArrowRight: "down", ArrowLeft: "up"} : {ArrowDown: "down", ArrowUp: "up"};
}
function beside(node, key) {
  const here = place(node), [dx, dy] = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1]}[key];
  const nearest = (others, needed) => {
    const far = other => { const there = place(other); return {other, x: there.x - here.x, y: there.y - here.y}; };
    return [...others].filter(other => other !== node).map(far).filter(({x, y}) => !needed || x * dx + y * dy > 1)
      .sort((a, b) => Math.hypot(a.x, a.y) - Math.hypot(b.x, b.y))[0]?.other;
  };
  const way = flow()[key];
  if (way) return nearest(node[way]);
  const siblings = new Set([...node.up.flatMap(other => other.down), ...node.down.flatMap(other => other.up)]);
  return nearest(siblings, true) ?? nearest(nodes.values(), true);
}
function walk(key) {
  const focused = picking && nodes.get(document.activeElement.dataset.name), from = focused || (chosen.two ?? chosen.one)?.node;
  const next = from ? beside(from, key) : entrance;
  if (!next) return;
  if (!picking) go(next);
  next.group.focus({preventScroll: true});
}
const KEYS = {
  "/": () => { search.focus(); search.select(); }, "?": () => byId("help").showModal(), c: () => pickSecond(true),
  "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4), 0: byId("fit").onclick, f: byId("fit").onclick,
  Escape: () => { border(false); picking ? pickSecond(false) : go(chosen.two ? chosen.one : null); },
};
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  if (event.target === search && event.key !== "Escape") return;
  const group = event.target.closest?.("g.node");
  if (group && (event.key === "Enter" || event.key === " ")) pick(nodes.get(group.dataset.name), event.shiftKey);
  else if (event.key.startsWith("Arrow") && !panel.contains(event.target)) walk(event.key);
  else if (KEYS[event.key]) KEYS[event.key]();
  else return;
  event.preventDefault();
});
picture.addEventListener("focusin", event => {  // a listener on the drawing would make that a stop of the Tab key
  const group = event.target.closest("g.node");
  if (group) reveal(nodes.get(group.dataset.name));
});
byId("ask").onclick = KEYS["?"];

if (nodes.size) enterBy(nodes.get(data.start) ?? nodes.values().next().value);
open();
if (!framed) follow();
