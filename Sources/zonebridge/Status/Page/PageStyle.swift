/// The style of the page, which follows its reader's choice of light or dark.
enum PageStyle {
  /// A stylesheet has its quotes and brackets as they are.
  static let markup: HTML = HTML(stringLiteral: sheet)

  /// A chain of two links.
  static let icon = """
    data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 16 16%22%3E%3Cg fill=%22none%22 \
    stroke=%22%232b7a78%22 stroke-width=%222%22%3E%3Crect x=%221%22 y=%225%22 width=%228%22 height=%226%22 rx=%223%22/%3E\
    %3Crect x=%227%22 y=%225%22 width=%228%22 height=%226%22 rx=%223%22/%3E%3C/g%3E%3C/svg%3E
    """

  static let sheet = """
    :root { color-scheme: light dark; --ground: #f6f7f8; --card: #fff; --text: #1c2227; --quiet: #59636b;
      --line: #d9dee2; --good: #14713a; --doubtful: #8a5a00; --bad: #b3261e; --new: #e6f4ea; --old: #fbe9e7; }
    @media (prefers-color-scheme: dark) { :root { --ground: #12161a; --card: #1a2026; --text: #e3e7ea; --quiet: #98a3ab;
      --line: #323b43; --good: #5cc98a; --doubtful: #e2b04a; --bad: #ff8a80; --new: #14301f; --old: #3a1d1b; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 0 20px 32px; max-width: 1120px; background: var(--ground); color: var(--text);
      font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
    code, pre { font-family: ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; font-size: 0.88em;
      overflow-wrap: anywhere; }
    p, li { overflow-wrap: anywhere; }
    p { margin: 0 0 4px; }
    h1 { margin: 0 0 8px; font-size: 1.6rem; line-height: 1.25; font-weight: 650; }
    h2 { margin: 32px 0 10px; font-size: 0.8rem; font-weight: 650; letter-spacing: 0.06em; text-transform: uppercase;
      color: var(--quiet); }
    h3 { margin: 0 0 8px; font-size: 1.05rem; font-weight: 650; overflow-wrap: anywhere; }
    small, .quiet, figcaption, footer, .facts { color: var(--quiet); font-weight: 400; }
    small, figcaption, footer, .facts { font-size: 0.87rem; }
    header { padding: 28px 0 0; }
    .host { color: var(--quiet); }
    .facts { display: flex; flex-wrap: wrap; gap: 2px 20px; margin: 0; padding: 0; list-style: none; }
    .good .mark, .chain .good .mark, span.good { color: var(--good); }
    .doubtful .mark, .chain .doubtful .mark, span.doubtful { color: var(--doubtful); }
    .bad .mark, .chain .bad .mark, span.bad { color: var(--bad); }
    .unknown .mark, .chain .unknown .mark { color: var(--quiet); }
    .card { margin: 0 0 12px; padding: 14px 18px; background: var(--card); border: 1px solid var(--line);
      border-left: 4px solid var(--line); border-radius: 8px; }
    .card.good { border-left-color: var(--good); }
    .card.doubtful { border-left-color: var(--doubtful); }
    .card.bad { border-left-color: var(--bad); }
    .do code { padding: 1px 6px; background: var(--ground); border: 1px solid var(--line); border-radius: 4px; }
    .chain { display: flex; flex-wrap: wrap; gap: 10px 0; margin: 0 0 10px; padding: 0; list-style: none; }
    .chain li { flex: 1 1 0; min-width: 128px; position: relative; padding: 7px 26px 7px 0; }
    .chain li b { display: block; font-size: 0.92rem; white-space: nowrap; }
    .chain li > span { display: block; color: var(--quiet); font-size: 0.82rem; line-height: 1.35; }
    .chain li::before { content: ""; display: block; height: 3px; margin: 0 -26px 8px 0; background: currentColor; }
    .chain li:last-child { padding-right: 0; }
    .chain li:last-child::before { margin-right: 0; }
    .chain li.good::before { background: var(--good); }
    .chain li.doubtful::before { background: var(--doubtful); }
    .chain li.bad::before { background: repeating-linear-gradient(90deg, var(--bad) 0 6px, transparent 6px 12px); }
    .chain li.unknown::before { background: repeating-linear-gradient(90deg, var(--line) 0 6px, transparent 6px 12px); }
    .result { font-weight: 550; }
    .reasons { margin: 4px 0; padding-left: 20px; }
    .diff { margin: 10px 0 4px; padding: 10px 12px; overflow-x: auto; background: var(--ground); border-radius: 6px;
      overflow-wrap: normal; tab-size: 8; }
    .diff .new { background: var(--new); }
    .diff .old { background: var(--old); }
    .diff .note { color: var(--quiet); }
    .wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
    table { width: 100%; border-collapse: collapse; font-size: 0.92rem; }
    th, td { padding: 8px 14px; text-align: left; vertical-align: top; }
    th { color: var(--quiet); font-size: 0.82rem; font-weight: 550; white-space: nowrap; }
    tbody tr { border-top: 1px solid var(--line); }
    td.number { font-variant-numeric: tabular-nums; }
    td p { margin: 0; }
    td time, td code { white-space: nowrap; }
    .wide + .do { margin-top: 8px; }
    figure { margin: 0 0 8px; padding: 16px 18px 12px; background: var(--card); border: 1px solid var(--line);
      border-radius: 8px; }
    svg { display: block; overflow: visible; }
    svg line { stroke: var(--line); }
    svg .hour { stroke-dasharray: 2 4; }
    svg text { fill: var(--quiet); font-size: 11px; paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
    svg rect { rx: 1px; }
    rect.good { fill: var(--good); }
    rect.doubtful { fill: var(--doubtful); }
    rect.bad { fill: var(--bad); }
    figcaption { margin-top: 4px; }
    footer { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 20px; margin-top: 28px; }
    a { color: inherit; }
    nav a { margin-left: 10px; }
    @media (max-width: 640px) {
      body { padding: 0 12px 24px; font-size: 16px; }
      h1 { font-size: 1.3rem; }
      .card { padding: 12px 14px; }
      .chain { display: block; }
      .chain li { display: grid; grid-template-columns: 8.4em 1fr; gap: 0 10px; padding: 5px 0 5px 16px; }
      .chain li::before { position: absolute; left: 0; top: 0; bottom: 0; width: 3px; height: auto; margin: 0; }
      .chain li.bad::before { background: repeating-linear-gradient(var(--bad) 0 6px, transparent 6px 12px); }
      .chain li.unknown::before { background: repeating-linear-gradient(var(--line) 0 6px, transparent 6px 12px); }
      .chain li > span { font-size: 0.87rem; overflow-wrap: anywhere; }
      .wide table, .wide tbody, .wide tr, .wide td { display: block; }
      .wide thead { display: none; }
      .wide tr { padding: 8px 14px; }
      .wide tbody tr:first-child { border-top: 0; }
      .wide td { padding: 1px 0; overflow-wrap: anywhere; }
      .wide td:empty { display: none; }
      .wide td.number::before { content: "change "; color: var(--quiet); }
      td code { white-space: normal; }
      nav a:first-child { margin-left: 0; }
    }
    """
}
