"""The report's style sheet."""

STYLE_SHEET = """
:root { --ink: #1d2622; --quiet: #5d6b64; --line: #dfe5e2; --pale: #f5f8f6; --green: #2f7d5b;
  --amber: #b0691a; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: #fff; color: var(--ink); font: 16px/1.55 system-ui, -apple-system,
  "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Arial, sans-serif; }
main, header { max-width: 72rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2.5rem; }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -.015em; margin: 0 0 .3rem; }
h2 { font-size: 1.35rem; letter-spacing: -.01em; margin: 0 0 .8rem; padding-top: .4rem; }
h3 { font-size: 1.02rem; margin: 1.6rem 0 .5rem; }
p { max-width: 46rem; margin: .4rem 0 .9rem; }
section { margin: 2.6rem 0; border-top: 1px solid var(--line); padding-top: 1.2rem; }
.lead, figcaption, .quiet { color: var(--quiet); }
nav { margin: 1rem 0 0; font-size: .92rem; }
nav a { margin-right: 1.1rem; white-space: nowrap; }
a { color: var(--green); text-decoration: none; }
a:hover { text-decoration: underline; }
.cards { display: grid; gap: 1rem; margin: 1.6rem 0 0;
  grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); }
.card { background: var(--pale); border-radius: .6rem; padding: 1rem 1.15rem .9rem; }
.card .name { color: var(--quiet); font-size: .9rem; }
.card .big { font-size: 2rem; font-weight: 650; letter-spacing: -.02em; line-height: 1.25;
  font-variant-numeric: tabular-nums; }
.card .beside { font-size: .9rem; color: var(--quiet); }
.warning { border-left: .28rem solid var(--amber); background: #fdf6ec; padding: .7rem 1rem;
  border-radius: 0 .4rem .4rem 0; margin: 1.4rem 0 0; }
.warning ul { margin: .3rem 0 0; padding-left: 1.2rem; }
.scroll { overflow-x: auto; margin: .4rem 0 1rem; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { padding: .36rem .8rem; text-align: left; border-bottom: 1px solid var(--line);
  vertical-align: middle; }
th { font-weight: 600; color: var(--quiet); font-size: .84rem; border-bottom-color: #b9c4be;
  vertical-align: bottom; }
th:first-child, td:first-child { padding-left: .2rem; }
th.figure, td.figure { text-align: right; white-space: nowrap; }
td:first-child { white-space: nowrap; }
th.group { text-align: center; color: var(--ink); padding-bottom: .1rem; }
tbody tr:hover { background: var(--pale); }
td b { font-weight: 650; }
.swatch { display: inline-block; width: .85em; height: .85em; border-radius: .2em;
  margin-right: .5em; vertical-align: -.08em; border: 1px solid rgba(0,0,0,.18); }
.bar { display: inline-block; width: 7.5rem; height: .6rem; background: #edf1ef;
  border-radius: .3rem; overflow: hidden; vertical-align: middle; }
.bar span { display: block; height: 100%; }
.matrix { font-size: .8rem; }
.matrix th, .matrix td { padding: .25rem .45rem; }
.matrix td.figure { border: 1px solid #fff; min-width: 2.9rem; }
.matrix thead th.figure { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left;
  padding: .4rem .95rem .4rem .2rem; max-height: 14rem; border: none; line-height: 1.2; }
.matrix thead th { border: none; }
.matrix tbody th { white-space: nowrap; border: none; color: var(--ink); font-weight: 400; }
.matrix td.hit { font-weight: 650; }
figure { margin: .8rem 0 1.2rem; }
figure img, figure svg { max-width: 100%; height: auto; display: block; }
figcaption { font-size: .88rem; margin-top: .45rem; max-width: 46rem; }
dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .3rem 1.4rem;
  font-size: .93rem; margin: .4rem 0 1rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
details { margin: .8rem 0; }
summary { cursor: pointer; color: var(--green); }
ul.notes { padding-left: 1.2rem; max-width: 52rem; }
ul.notes li { white-space: pre-line; margin: .3rem 0; overflow-wrap: anywhere; }
code { font: .87em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  background: var(--pale); padding: .1em .35em; border-radius: .25em; overflow-wrap: anywhere; }
footer { max-width: 72rem; margin: 0 auto; padding: 0 1.5rem 3rem; color: var(--quiet);
  font-size: .88rem; }
@media print { nav { display: none; } section { break-inside: avoid; } body { font-size: 12px; } }
"""
