// What is chosen: one thing, or two. The address of the page names it, so that it can be kept, sent, and gone back to.
let chosen = {one: null, two: null}, picking = false, entrance = null;

function pick(thing, asSecond = false) {
  if (!thing) picking ? pickSecond(false) : chosen.one && go(null);
  else if ((asSecond || picking) && chosen.one && thing !== chosen.one) go(chosen.one, thing);
  else go(thing);
}
function pickSecond(wanted) {
  picking = wanted && chosen.one !== null;
  document.body.classList.toggle("picking", picking);
  say(picking ? "choose the second; Esc: none" : "");
}
function go(one, two = null) {
  if (kept === open) kept = null;
  show(one, two);
  const address = [one, two].filter(Boolean).map(thing => thing.link).join("/");
  if (!framed && location.hash.slice(1) !== address) location.hash = address;
}
function show(one, two) {
  chosen = {one, two};
  pickSecond(false);
  for (const group of drawing.querySelectorAll(".one, .two")) group.classList.remove("one", "two");
  one?.node.group.classList.add("one");
  two?.node.group.classList.add("two");
  if (one) enterBy(one.node);
  const ways = !one ? [] : two ? [between(one.node, two.node)] : [reached(one.node, "up"), reached(one.node, "down")];
  light(ways);
  tell(one, two, ways);
  if (one) reveal((two ?? one).node);
}
function between(one, two) {
  const path = (from, to, back = reached(to, "up")) => [...reached(from, "down")].filter(node => back.has(node));
  const there = path(one, two);
  return new Set(there.length ? there : path(two, one));
}
function light(ways) {
  svg.classList.toggle("dim", ways.length > 0);
  for (const group of drawing.querySelectorAll(".near")) group.classList.remove("near");
  for (const thing of [chosen.one, chosen.two]) thing?.node.group.classList.add("near");
  for (const way of ways) for (const node of way) node.group.classList.add("near");
  for (const {group, ends} of edges)
    if (ways.some(way => ends.every(name => way.has(nodes.get(name))))) group.classList.add("near");
}
// One node takes part in the order of the Tab key, not all of them: the last that was chosen.
function enterBy(node) {
  entrance?.group.setAttribute("tabindex", "-1");
  entrance = node;
  node.group.setAttribute("tabindex", "0");
}
function say(text) { byId("said").textContent = byId("said").title = text; }

function follow() {
  const [one = null, two = null] = location.hash.slice(1).split("/").map(part => links.get(String(new URLSearchParams(part))));
  if (one !== chosen.one || two !== chosen.two) {
    show(one, two);
    if (one) center(one.node);
  }
  if (!one && location.hash.length > 1) say("nothing here has this address");
}
addEventListener("hashchange", follow);
