"use strict";
// What was drawn, joined to what is told of it. A thing is what one can choose: what is drawn as a node, or one of the
// members of a stack; its `node` is what is drawn for it.
const byId = id => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const picture = byId("picture"), panel = byId("panel"), svg = picture.querySelector("svg"), drawing = svg.querySelector("g.graph");
const nodes = new Map(), edges = [], cuts = new Map(), links = new Map();

for (const title of drawing.querySelectorAll(":scope > g > title")) {
  const group = title.parentNode, name = title.textContent, told = data.nodes[name];
  if (told) {
    nodes.set(name, Object.assign(told, {group, drawnAs: name, up: [], edges: [], dx: 0, dy: 0}));
    group.setAttribute("role", "button");
    group.setAttribute("tabindex", "-1");
    group.dataset.name = name;
    title.textContent = `${told.name}\n${told.kind}`;
  } else {
    if (group.classList.contains("node")) cuts.set(name, group);
    else edges.push({group, ends: name.split("->")});
    title.remove();
  }
}
for (const link of drawing.querySelectorAll("a")) link.removeAttributeNS("http://www.w3.org/1999/xlink", "title");
for (const node of nodes.values()) {
  node.down = node.down.map(name => nodes.get(name)).filter(Boolean);
  for (const other of node.down) other.up.push(node);
  for (const thing of [node, ...node.members ?? []]) {
    thing.node = node;
    thing.link = String(new URLSearchParams(thing.key));
    links.set(thing.link, thing);
  }
}
for (const edge of edges) for (const name of edge.ends) nodes.get(name)?.edges.push(edge);

// Many artifacts have one name: by itself it tells them apart only beside their run.
const runOf = thing => thing.key.artifact && thing === thing.node && thing.node.up[0];
const named = thing => runOf(thing) ? `${thing.name} of ${runOf(thing).name}` : thing.name;

function reached(node, way) {
  const seen = new Set([node]);
  for (const each of seen) for (const other of each[way]) seen.add(other);  // grows while it is walked
  return seen;
}

// The words break after the signs that join them, before they break anywhere; what is copied has nothing more.
const broken = text => text.length > 2000 ? [text] : text.split(/(?<=[/_=])(?=[^\s.,;:/_=-])|(?<=[.,;:-])(?=[^\s\d.,;:/_=-])/).flatMap((part, at) => at ? [element("wbr"), part] : [part]);

function element(kind, settings = {}, ...inside) {
  const made = Object.assign(document.createElement(kind), settings);
  for (const name of ["role", "scope"]) if (settings[name]) made.setAttribute(name, settings[name]);
  made.append(...inside);
  return made;
}
